import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../..");
const { devDependencies: ours, peerDependencies: peers } = JSON.parse(
	await readFile(join(repository, "package.json"), "utf8"),
) as {
	devDependencies: Record<string, string>;
	peerDependencies: Record<string, string>;
};

/** A project as somebody has it, but for what every one has: the name, the package, and Pulumi's SDK. */
export interface Kind {
	/** Names the tenant and the domain too. */
	readonly name: string;
	readonly title: string;
	/** More of package.json. */
	readonly manifest: { readonly devDependencies?: Record<string, string>; readonly [field: string]: unknown };
	readonly files: Record<string, string>;
	/** Of the Node.js runtime in Pulumi.yaml. */
	readonly runtimeOptions?: Record<string, unknown>;
	/** Scripts of package.json to run before `pulumi up`. */
	readonly scripts?: readonly string[];
}

const setup = (name: string) => `new SesSetup("mail", {
	tenantName: "${name}",
	domainIdentity: "mail.${name}.test",
	route53: true,
	waitForVerification: { timeout: "1m" },
})`;

const typescript = (name: string) => `import { SesSetup } from "pulumi-channels";

const mail = ${setup(name)};

export const sender = mail.verifiedDomain;
`;

/** The templates of github.com/pulumi/templates, whose packages have no exact versions. */
const templateTypes = { "@types/node": "18.19.130", typescript: "5.9.3" };
const templateOptions = {
	strict: true,
	outDir: "bin",
	target: "es2020",
	sourceMap: true,
	experimentalDecorators: true,
	pretty: true,
	noFallthroughCasesInSwitch: true,
	noImplicitReturns: true,
	forceConsistentCasingInFileNames: true,
};

function template(name: string, module: string, moduleResolution: string): Omit<Kind, "title"> {
	return {
		name,
		manifest: { main: "index.ts", devDependencies: templateTypes },
		files: {
			"index.ts": typescript(name),
			"tsconfig.json": JSON.stringify({
				compilerOptions: { ...templateOptions, module, moduleResolution },
				files: ["index.ts"],
			}),
		},
	};
}

export const pulumiTemplate: Kind = {
	title: "Pulumi's TypeScript template",
	...template("template", "nodenext", "nodenext"),
};

const olderTemplate = template("older-template", "commonjs", "node");

export const kinds: readonly Kind[] = [
	pulumiTemplate,
	{
		title: "Pulumi's older TypeScript template: CommonJS, with the old module resolution",
		...olderTemplate,
		manifest: { ...olderTemplate.manifest, scripts: { check: "tsc --noEmit" } },
		// Without `skipLibCheck`: every declaration that the program loads.
		scripts: ["check"],
	},
	{
		title: "TypeScript as an ES module, compiled by ts-node",
		name: "es-module",
		manifest: {
			type: "module",
			main: "index.ts",
			devDependencies: {
				"@types/node": ours["@types/node"] ?? "",
				"ts-node": ours["ts-node"] ?? "",
				typescript: ours.typescript ?? "",
			},
		},
		files: {
			"index.ts": typescript("es-module"),
			"tsconfig.json": JSON.stringify({
				compilerOptions: { strict: true, target: "es2022", module: "nodenext", types: ["node"] },
				files: ["index.ts"],
			}),
		},
	},
	{
		title: "plain JavaScript",
		name: "javascript",
		manifest: { main: "index.js" },
		files: {
			"index.js": `"use strict";
const { SesSetup } = require("pulumi-channels");

const mail = ${setup("javascript")};

exports.sender = mail.verifiedDomain;
`,
		},
	},
	{
		title: "TypeScript by tsx",
		name: "tsx",
		manifest: { type: "module", main: "index.ts", devDependencies: { tsx: "4.23.15" } },
		files: { "index.ts": typescript("tsx") },
		runtimeOptions: { typescript: false, nodeargs: "--import tsx" },
	},
	{
		title: "TypeScript whose types Node.js itself strips",
		name: "stripped",
		manifest: { type: "module", main: "index.ts" },
		files: { "index.ts": typescript("stripped") },
		runtimeOptions: { typescript: false },
	},
	{
		title: "a bundle by esbuild, with the package left outside",
		name: "bundle",
		manifest: {
			main: "bin/index.js",
			devDependencies: { esbuild: "0.28.2" },
			scripts: {
				bundle:
					"esbuild index.ts --bundle --platform=node --external:pulumi-channels --external:@pulumi/pulumi --outfile=bin/index.js",
			},
		},
		files: { "index.ts": typescript("bundle") },
		runtimeOptions: { typescript: false },
		scripts: ["bundle"],
	},
];

/** The newest @pulumi/pulumi that is tested, and the oldest that package.json allows: it says `>=3.216 <4`. */
export const pulumiVersions = {
	newest: ours["@pulumi/pulumi"] ?? "",
	oldest: peers["@pulumi/pulumi"]?.replace(/^>=(\d+\.\d+) .*$/, "$1.0") ?? "",
};

/** The package.json of a project of a kind. */
export function manifestOf({ name, manifest }: Kind, tarball: string, pulumi: string): string {
	return JSON.stringify({
		name,
		private: true,
		...manifest,
		dependencies: { "@pulumi/pulumi": pulumi, "pulumi-channels": `file:${tarball}` },
	});
}
