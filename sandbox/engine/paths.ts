import { accessSync, constants, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";

// This file runs compiled (sandbox/dist/engine) and, under vitest, as it stands (sandbox/engine).
const here = import.meta.dirname;
const sandboxDir = basename(dirname(here)) === "dist" ? resolve(here, "../..") : resolve(here, "..");

/** The folder of go.mod, which pins the CLI that is built from source. */
export const goModuleDir = join(sandboxDir, "engine");

/** The Node.js language host, compiled. */
export const languageHostScript = join(sandboxDir, "dist/engine/language-host/main.js");

/** The folder that holds the stand-in `pulumi-resource-aws`. */
export const awsPluginBinDir = join(sandboxDir, "aws-plugin/bin");

/** The npm package @pulumi/pulumi, which brings the launcher of dynamic providers. */
export const pulumiPackageDir = dirname(
	createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"),
);

/** The user's cache folder for CLIs: one folder for each version below it. */
export function defaultCacheDir(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
	const home = env.HOME ?? homedir();
	if (platform === "darwin") return join(home, "Library/Caches/pulumi-channels");
	// The XDG specification: a relative path is to be ignored.
	const { XDG_CACHE_HOME = "" } = env;
	return join(isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(home, ".cache"), "pulumi-channels");
}

/** All executables called `name` on the PATH of `env`, in its order. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string[] {
	return (env.PATH ?? "")
		.split(delimiter)
		.filter((folder) => folder !== "")
		.map((folder) => join(folder, name))
		.filter(isExecutable);
}

export function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}
