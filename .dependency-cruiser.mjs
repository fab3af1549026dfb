// Holds the import directions: dns ← nothing; sdk ← nothing; provider ← sdk, dns; cli ← sdk, dns, provider;
// service and sandbox know the package by its published names only; test ← anything.

const only = (name, allowed, comment) => ({
	name,
	comment,
	severity: "error",
	from: { path: `^${name}/` },
	to: { path: "^(sdk|dns|provider|cli|service|sandbox|test|scripts|bench|examples|dist)/", pathNot: allowed },
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
	forbidden: [
		{
			name: "no-cycles",
			comment: "Neither file can be understood, tested or loaded without the other.",
			severity: "error",
			from: {},
			to: { circular: true },
		},
		{
			name: "resolvable",
			comment: "The module does not exist.",
			severity: "error",
			from: {},
			to: { couldNotResolve: true },
		},
		only("dns", "^dns/", "Pure DNS: it knows nothing of the rest."),
		only("sdk", "^sdk/", "The client of the API stands alone."),
		// provider/functions.ts loads the sdk by its published name, when a program calls it.
		only("provider", "^(provider|sdk|dns)/|^dist/sdk/index", "The provider builds on sdk and dns only."),
		only("cli", "^(cli|provider|sdk|dns)/", "The command line builds on the library only."),
		only("service", "^(service/|dist/(sdk|dns)/index)", "The service knows pulumi-channels/sdk and /dns."),
		only("sandbox", "^(sandbox/|dist/dns/index)", "The sandbox knows pulumi-channels/dns."),
		only("examples", "^(examples/|dist/)", "Examples import what a user can: published names."),
		{
			name: "service-sdk-types-only",
			comment: "The service shares the wire contract with the client, not its code.",
			severity: "error",
			from: { path: "^service/" },
			to: { path: "^dist/sdk/", dependencyTypesNot: ["type-only"] },
		},
		{
			name: "program-side-is-light",
			comment: "A Pulumi program loads the resource classes: no HTTP client, no AWS SDK behind them.",
			severity: "error",
			from: { path: "^provider/(?!runtime/)" },
			to: { path: "^node_modules/(undici|@aws-sdk|@smithy|zod)/", reachable: true },
		},
		{
			name: "runtime-without-pulumi",
			comment: "The provider process uses Pulumi's gRPC stubs and nothing else of its SDK.",
			severity: "error",
			from: { path: "^provider/runtime/" },
			to: { path: "^node_modules/@pulumi/", pathNot: "^node_modules/@pulumi/pulumi/proto/" },
		},
	],
	options: {
		doNotFollow: { path: "node_modules|^dist/" },
		exclude: { path: "(^|/)dist/.*\\.map$" },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: "tsconfig.base.json" },
		enhancedResolveOptions: {
			exportsFields: ["exports"],
			conditionNames: ["import", "require", "node", "default"],
			mainFields: ["main", "types"],
		},
	},
};
