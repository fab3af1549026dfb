import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProgram, problemsIn } from "../support/compiler.js";
import { installPackage, packPackage, type Tarball } from "../support/package.js";

const repository = resolve(import.meta.dirname, "../..");
const manifest = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
	version: string;
	bin: { channels: string };
	exports: Record<string, unknown>;
};

/** `pulumi-channels`, `pulumi-channels/sdk`, … */
const paths = Object.keys(manifest.exports)
	.filter((path) => path !== "./package.json")
	.map((path) => path.replace(/^\./, "pulumi-channels"));

describe("the packed package, installed without the repository", () => {
	let tarball: Tarball;
	let project: string;

	beforeAll(async () => {
		tarball = await packPackage();
		project = await mkdtemp(join(tmpdir(), "pulumi-channels-consumer-"));
		await installPackage(tarball.path, project, ["@pulumi/aws", "@types/node"]);
	}, 120_000);

	afterAll(async () => {
		await rm(project, { recursive: true, force: true });
		await tarball?.[Symbol.asyncDispose]();
	});

	/** What a script of the project prints, as JSON. */
	async function evaluate<Result>(script: string, type: "commonjs" | "module" = "commonjs"): Promise<Result> {
		const args = [`--input-type=${type}`, "--eval", script];
		const env = { ...process.env, NODE_COMPILE_CACHE: join(project, "compile-cache") };
		const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project, env });
		return JSON.parse(stdout) as Result;
	}

	/** By path: what a Node.js that requires it, and nothing else, has then. */
	const required = new Map<string, Promise<{ names: string[]; loaded: string[] }>>();
	const requireOnly = (path: string) => {
		const known =
			required.get(path) ??
			evaluate<{ names: string[]; loaded: string[] }>(`
				const names = Object.keys(require("${path}"));
				console.log(JSON.stringify({ names, loaded: Object.keys(require.cache) }));
			`);
		required.set(path, known);
		return known;
	};

	/** By path: the names that an import has, or the error. */
	let imported: Promise<Record<string, string[] | string>> | undefined;
	const importAll = () => {
		imported ??= evaluate(
			`
				const names = {};
				for (const path of ${JSON.stringify(paths)}) names[path] = await import(path).then(Object.keys, String);
				console.log(JSON.stringify(names));
			`,
			"module",
		);
		return imported;
	};

	test.each(paths)("%s loads by require and by import, with the same names", async (path) => {
		const { names } = await requireOnly(path);
		expect(names.length).toBeGreaterThan(0);
		expect((await importAll())[path]).toEqual(expect.arrayContaining(names));
	});

	test("exports the resources and functions, and nothing that helps to make them", async () => {
		const names = async (path: string) => (await requireOnly(path)).names.toSorted();
		expect(await names("pulumi-channels")).toEqual([
			"ChannelsProvider",
			"Route53Records",
			"SesSetup",
			"Verification",
			"getSesSetup",
			"getSesSetupOutput",
			"getSesSetups",
			"getSesSetupsOutput",
		]);
		expect(await names("pulumi-channels/aws")).toEqual(["AwsRecords"]);
		// What the provider texts in users' states ask for, for ever; and what functions of a program load.
		expect(await names("pulumi-channels/runtime")).toEqual(["reading", "records", "setup", "verification"]);
	});

	const internal = [
		"dist/provider/channels-resource.js",
		"provider/channels-resource",
		"dist/provider/core/verification/wait.js",
		"cli",
	];
	let codes: Promise<Record<string, string>> | undefined;

	test.each(internal)("keeps %s to itself", async (path) => {
		codes ??= evaluate(`
			const codes = {};
			for (const path of ${JSON.stringify(internal)})
				try { require("pulumi-channels/" + path) } catch (error) { codes[path] = error.code }
			console.log(JSON.stringify(codes));
		`);
		expect((await codes)[path]).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
	});

	test.each(["pulumi-channels", "pulumi-channels/aws"])(
		"%s loads no HTTP client, no AWS SDK and no validator",
		async (path) => {
			const { loaded } = await requireOnly(path);
			expect(loaded.filter((file) => /node_modules\/@pulumi\/pulumi\//.test(file))).not.toEqual([]);
			expect(loaded.filter((file) => /node_modules\/(undici|@aws-sdk|@smithy|zod)\//.test(file))).toEqual([]);
		},
	);

	test("its provider checks and compares without HTTP client, AWS SDK and validator", async () => {
		const inputs = { tenantName: "acme", domainIdentity: "mail.acme.test" };
		const { failures, changes, loaded } = await evaluate<{
			failures: object[];
			changes: boolean;
			loaded: string[];
		}>(`
			Object.assign(process.env, { CHANNELS_API_KEY: "key", CHANNELS_WORKSPACE_ID: "${crypto.randomUUID()}" });
			const { setup } = require("pulumi-channels/runtime");
			const inputs = ${JSON.stringify(inputs)};
			const { failures } = setup.check({}, inputs);
			const dnsRecords = [{ address: "mail.acme.test", type: "MX", record: "10 mx.test", verified: true }];
			setup.diff("id", { ...inputs, dnsRecords }, { ...inputs, route53: {} }).then(({ changes }) =>
				console.log(JSON.stringify({ failures, changes, loaded: Object.keys(require.cache) })),
			);
		`);
		expect({ failures, changes }).toEqual({ failures: [], changes: true });
		expect(loaded.filter((file) => /node_modules\/(undici|@aws-sdk|@smithy|zod)\//.test(file))).toEqual([]);
	});

	test("loading it never loads @pulumi/aws, unless its own path is asked for", async () => {
		const count = async (path: string) =>
			(await requireOnly(path)).loaded.filter((file) => /@pulumi\/aws\//.test(file)).length;
		expect(await count("pulumi-channels")).toBe(0);
		expect(await count("pulumi-channels/runtime")).toBe(0);
		expect(await count("pulumi-channels/aws")).toBeGreaterThan(0);
	});

	test("its command runs, with nothing but what the package declares", async () => {
		const command = join(project, "node_modules/pulumi-channels", manifest.bin.channels);
		const { stdout } = await promisify(execFile)(process.execPath, [command, "--version"], { cwd: project });
		expect(stdout.trim()).toBe(manifest.version);
	});

	test("holds compiled code, its licence and its README, and nothing else", async () => {
		const { stdout } = await promisify(execFile)("tar", ["-tzf", tarball.path]);
		const files = stdout.trim().split("\n");
		const others = files.filter(
			(file) => !/^package\/dist\/(sdk|dns|ses|provider|cli)\/.*\.(js|d\.ts)$/.test(file),
		);
		expect(others.sort()).toEqual(["package/LICENSE", "package/README.md", "package/package.json"]);
	});

	test("is small", () => {
		const [size, unpacked] = [tarball.size, tarball.unpackedSize].map((bytes) => Math.ceil(bytes / 1000));
		console.log(`The packed package has ${size} kB, ${unpacked} kB unpacked.`);
		expect(size).toBeLessThan(500);
	});

	test("publint finds nothing to correct", async () => {
		const data = await readFile(tarball.path);
		const { messages, pkg } = await publint({
			pack: { tarball: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer },
			level: "warning",
			strict: true,
		});
		expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
	});

	test("its types resolve for every module resolution", async () => {
		const analysis = await checkPackage(createPackageFromTarballData(await readFile(tarball.path)));
		expect(analysis.types).not.toBe(false);
		expect("problems" in analysis ? analysis.problems : analysis).toEqual([]);
	});

	// TypeScript checks what declarations load, unless told not to; zod's own fail under the options of Pulumi's
	// older templates.
	test.each(paths)("the declarations of %s load Pulumi's and no other package's", async (path) => {
		const name = path.replaceAll("/", "-");
		await writeFile(join(project, `${name}.ts`), `export * from "${path}";`);
		const options = { target: "es2022", module: "node16", types: ["node"] };
		const program = createProgram(project, options, [`${name}.ts`]);
		const files = program.getSourceFiles().map(({ fileName }) => fileName);
		expect(files).toContainEqual(expect.stringContaining("node_modules/pulumi-channels/dist/"));
		expect(
			files.filter((file) => /node_modules\/(undici|@aws-sdk|@smithy|zod|commander)\//.test(file)),
		).toEqual([]);
	});

	test.each([
		["node10", { module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "6.0" }],
		["node16", { module: "node16" }],
		["bundler", { module: "esnext", moduleResolution: "bundler" }],
	])("a strict program type-checks under %s", async (_name, options) => {
		const compilerOptions = {
			target: "es2022",
			strict: true,
			noEmit: true,
			types: ["node"],
			skipLibCheck: true,
		};
		await writeFile(join(project, "consumer.ts"), consumer);
		const program = createProgram(project, { ...compilerOptions, ...options }, ["consumer.ts"]);
		expect(problemsIn(program)).toBe("");
	});
});

/** Uses every path, and relies on what its types promise. */
const consumer = `
import { type DnsRecord, SesSetup, Verification } from "pulumi-channels";
import { AwsRecords } from "pulumi-channels/aws";
import { canonicalName } from "pulumi-channels/dns";
import { setup } from "pulumi-channels/runtime";
import { ChannelsClient } from "pulumi-channels/sdk";

const mail = new SesSetup("mail", { tenantName: "acme", domainIdentity: canonicalName("Mail.Acme.com.") });
const records = new AwsRecords("mail", { dnsRecords: mail.dnsRecords, zoneId: "Z1" });
new Verification("mail", { setupId: mail.id, dnsRecords: mail.dnsRecords }, { dependsOn: records });
export const first = mail.dnsRecords.apply(([record]: DnsRecord[]) => record?.address);
export const client = new ChannelsClient({ apiKey: "key", workspaceId: "6f1a2c0e-5b1d-4c58-9a3e-0d6f0b7c9e11" });
export const handler: object = setup;
// @ts-expect-error: an output cannot decide which resources exist
new SesSetup("other", { tenantName: "acme", domainIdentity: "acme.com", route53: mail.zone });
// @ts-expect-error: undefined without a wait
export const sender: string = mail.verifiedDomain.get();
`;
