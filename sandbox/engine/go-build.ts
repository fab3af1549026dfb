import { readFile } from "node:fs/promises";
import { join } from "node:path";
import semver from "semver";
import { installInto, writeExecutable } from "./cache.js";
import { findOnPath, goModuleDir, isExecutable, pulumiPackageDir } from "./paths.js";
import { runProcess } from "./process.js";
import { runWithProgress } from "./progress.js";
import { type Found, probeVersion, type Source, type SourceContext } from "./source.js";

const COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const DOWNLOAD_DEADLINE_MS = 15 * 60 * 1000;
const BUILD_DEADLINE_MS = 45 * 60 * 1000;

/** The environment variable that tells the built CLI's launcher where our language host is. */
export const LANGUAGE_HOST_VARIABLE = "PULUMI_CHANNELS_LANGUAGE_HOST";

// The engine takes a language host without a warning only from beside its own executable. That is in the
// cache, which every checkout shares; the host is in a checkout: hence the variable.
const LANGUAGE_HOST_LAUNCHER = `#!/bin/sh
exec node "\${${LANGUAGE_HOST_VARIABLE}:?run pulumi through npm run pulumi}" "$@"
`;

/** What was built and put into the cache before. */
export const built: Source = async (context) => {
	const { pulumi } = await readPins();
	return await builtIn(join(context.cacheDir, folderOf(pulumi)), pulumi);
};

/** Builds the CLI from its Go module, in the versions that go.mod and go.sum pin. */
export const goBuild: Source = async (context) => {
	const pins = await readPins();
	const go = findOnPath("go", context.env)[0];
	if (go === undefined) return `Go is not on PATH (${pins.go} or newer is needed)`;
	const tooOld = await whyTooOld(go, pins.go, context);
	if (tooOld !== undefined) return tooOld;
	let folder: string;
	try {
		folder = await installInto(context.cacheDir, folderOf(pins.pulumi), (root) =>
			build(go, pins.pulumi, join(root, "bin/pulumi"), context),
		);
	} catch (error) {
		context.signal?.throwIfAborted();
		return error instanceof Error ? error.message : String(error);
	}
	return await builtIn(folder, pins.pulumi);
};

/** The versions in go.mod: of the CLI, and the oldest Go that it allows. */
async function readPins(): Promise<{ pulumi: string; go: string }> {
	const text = await readFile(join(goModuleDir, "go.mod"), "utf8");
	const pulumi = /^\s*github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/m.exec(text)?.[1];
	const go = /^go (\S+)/m.exec(text)?.[1];
	if (pulumi === undefined || go === undefined) {
		throw new Error(`${join(goModuleDir, "go.mod")} does not name the Pulumi CLI and a Go version`);
	}
	return { pulumi, go };
}

function folderOf(version: string): string {
	return `pulumi-${version}`;
}

async function whyTooOld(go: string, needed: string, context: SourceContext): Promise<string | undefined> {
	// Asked in the module's folder, a Go that may fetch a newer toolchain has already done so.
	const { code, stdout, stderr } = await runProcess(go, ["version"], { cwd: goModuleDir, env: context.env });
	const version = semver.coerce(/go(\d\S*)/.exec(stdout)?.[1]);
	if (code === 0 && version !== null && semver.gte(version, semver.coerce(needed) ?? needed))
		return undefined;
	return `Go ${needed} or newer is needed, ${go} says: ${(stdout.trim() || stderr.trim()).slice(-300)}`;
}

async function build(go: string, version: string, output: string, context: SourceContext): Promise<void> {
	const step = async (what: string, deadlineMs: number, args: string[]) => {
		const { code, stderr } = await runWithProgress(what, go, args, {
			...context,
			cwd: goModuleDir,
			deadlineMs,
		});
		if (code !== 0) throw new Error(`go ${args[0]} failed (exit code ${code}): ${stderr.trim().slice(-800)}`);
	};
	// Listing the packages downloads their modules; `go mod download` would ask for unused ones as well.
	await step(`Downloading the source of Pulumi ${version} (about 25 s)`, DOWNLOAD_DEADLINE_MS, [
		"list",
		"-mod=readonly",
		"-deps",
		COMMAND,
	]);
	await step(`Building Pulumi ${version} (3 to 5 minutes on 2 cores)`, BUILD_DEADLINE_MS, [
		"build",
		"-mod=readonly",
		// Without its version the CLI fails the version checks of programs and plugins.
		`-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
		"-o",
		output,
		COMMAND,
	]);
	if ((await probeVersion(output, context)) !== version)
		throw new Error("the CLI that was built does not run");
}

/** The CLI in a folder of the cache, given what it needs beside it. Only one that ran ever got there. */
async function builtIn(folder: string, version: string): Promise<Found | string> {
	const bin = join(folder, "bin");
	const command = join(bin, "pulumi");
	if (!isExecutable(command)) return `${command} is not there; if ${folder} is, remove it`;
	const dynamic = "pulumi-resource-pulumi-nodejs";
	await writeExecutable(join(bin, "pulumi-language-nodejs"), LANGUAGE_HOST_LAUNCHER);
	await writeExecutable(join(bin, dynamic), await readFile(join(pulumiPackageDir, dynamic), "utf8"));
	return { command, version, ownLanguageHost: false };
}
