// Holds the import directions: dns ← nothing; sdk ← dns/shown; ses ← dns, types of sdk; provider ← sdk, dns, ses; cli ←
// sdk, dns, provider/core;
// service and sandbox know the package by its published names only; test ← anything. Within the provider: what the
// resources do (core) knows neither Pulumi nor a process; each binding (dynamic) stands on it, and the classes that
// a program loads stand apart.

const only = (name, allowed, comment) => ({
	name,
	comment,
	severity: "error",
	from: { path: `^${name}/` },
	to: {
		path: "^(sdk|dns|ses|provider|cli|service|sandbox|test|scripts|bench|examples|dist)/",
		pathNot: allowed,
	},
});

const never = (name, forbidden, comment) => ({
	name,
	comment,
	severity: "error",
	from: { path: `^${name}/` },
	to: { path: forbidden },
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
		only(
			"sdk",
			"^(sdk/|dns/shown\\.ts$)",
			"The client of the API stands alone, but for how foreign text is shown.",
		),
		only(
			"ses",
			"^(ses|dns)/|^sdk/contract\\.ts$",
			"What setups need of Amazon SES knows nobody who keeps them.",
		),
		// provider/functions.ts loads the runtime by its published name, when a program calls it.
		only(
			"provider",
			"^(provider|sdk|dns|ses)/|^dist/provider/dynamic/index",
			"The provider builds on sdk, dns and ses only.",
		),
		only(
			"provider/arguments",
			"^(provider/arguments|sdk|dns)/|^provider/shapes\\.ts$",
			"What an argument is depends on nothing that is done with it.",
		),
		only(
			"provider/core",
			"^(provider/(core|arguments)|sdk|dns|ses)/|^provider/shapes\\.ts$",
			"What the resources do stands below every way in which Pulumi asks for it.",
		),
		never(
			"provider/core/zones",
			"^provider/core/(records|hosts|setup|verification|run)/",
			"What a zone is depends neither on who serves it nor on what is done in it.",
		),
		never(
			"provider/core/channels",
			"^provider/core/(records|hosts|setup|verification|zones)/",
			"How the API is reached depends neither on what is done with it nor on where records are published.",
		),
		never(
			"provider/core/channels/remote",
			"^provider/core/channels/embedded/",
			"One way to the API does not know the other.",
		),
		never(
			"provider/core/records",
			"^provider/core/hosts/",
			"No host's name stands in what is done in a zone.",
		),
		only(
			"provider/core/aws",
			"^provider/core/(aws|settings)/|^provider/core/(errors|error-codes)\\.ts$|^sdk/|^ses/calls/said\\.ts$",
			"How AWS is asked depends on none of its services.",
		),
		never(
			"provider/core/hosts/([^/]+)",
			"^provider/core/(records|setup|verification|run)/|^provider/core/hosts/(?!$1/)",
			"A host knows its zones, and no other host.",
		),
		only(
			"provider/dynamic",
			"^provider/(dynamic|core|arguments)/|^sdk/|^dns/shown\\.ts$",
			"A binding knows the core only.",
		),
		only(
			"cli",
			"^(cli|provider/(core|arguments)|sdk|dns)/|^provider/(shapes|tokens)\\.ts$",
			"The command line builds on the library only.",
		),
		only(
			"service",
			"^(service/|dist/(sdk|dns|ses)/index)",
			"The service knows pulumi-channels/sdk, /dns and /ses.",
		),
		// A request goes down from its route to SES, and back.
		only(
			"service/http",
			"^service/(http|setups|database|operations/metrics|error-codes)|^dist/",
			"HTTP stands on top.",
		),
		only(
			"service/setups",
			"^service/((setups|database)/|error-codes)|^dist/",
			"What happens to setups knows no HTTP.",
		),
		only(
			"service/(database|upstream)",
			"^service/($1/|error-codes)|^dist/",
			"The two ends know nothing of what is done with them.",
		),
		only(
			"service/operations",
			"^service/(operations|database|error-codes)|^dist/",
			"Operation knows no request.",
		),
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
			name: "program-side-apart",
			comment:
				"A program loads of the provider what its arguments, settings and errors are, and nothing that acts.",
			severity: "error",
			from: { path: "^provider/[^/]+\\.ts$" },
			to: {
				path: "^provider/(core|dynamic)/",
				pathNot: "^provider/core/(settings/|error-codes\\.ts$)",
				dependencyTypesNot: ["type-only"],
			},
		},
		{
			name: "program-side-is-light",
			comment: "A Pulumi program loads the resource classes: no HTTP client, no AWS SDK behind them.",
			severity: "error",
			from: { path: "^provider/[^/]+\\.ts$" },
			to: { path: "^node_modules/(undici|@aws-sdk|@smithy|zod)/", reachable: true },
		},
		{
			name: "core-without-pulumi",
			comment: "What the resources do knows nothing of Pulumi, not even its types.",
			severity: "error",
			from: { path: "^provider/(core|arguments)/" },
			to: { path: "^node_modules/(@pulumi|@grpc)/" },
		},
		{
			name: "core-without-process",
			comment: "The core takes its surroundings from a binding. (Biome keeps it from the global `process`.)",
			severity: "error",
			from: { path: "^provider/(core|arguments)/" },
			to: {
				path: "^(process|child_process|cluster|net|http|https|os|worker_threads)$",
				dependencyTypes: ["core"],
			},
		},
		{
			name: "dynamic-without-pulumi",
			comment: "The provider process uses Pulumi's gRPC stubs and nothing else of its SDK.",
			severity: "error",
			from: { path: "^provider/dynamic/" },
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
