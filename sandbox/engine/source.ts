import { dirname, join } from "node:path";
import semver from "semver";
import { isExecutable } from "./paths.js";
import { runProcess } from "./process.js";

/** Where a CLI came from. */
export type Origin = "path" | "cache" | "installer" | "build";

/** A Pulumi CLI that works, and whose the language host beside it is. */
export interface Found {
	readonly command: string;
	readonly version: string;
	/** False where the CLI was built without one: then ours is needed. */
	readonly ownLanguageHost: boolean;
}

/** What every way of getting a CLI is given. */
export interface SourceContext {
	readonly env: NodeJS.ProcessEnv;
	readonly cacheDir: string;
	readonly signal: AbortSignal | undefined;
	readonly progress: (line: string) => void;
}

/** One way of getting a CLI: the CLI, or a sentence saying why not. */
export type Source = (context: SourceContext) => Promise<Found | string>;

// `pulumi import --file` takes `inputs` and `outputs` of a resource since 3.254.0, which is the one way
// to import a dynamic resource.
export const MINIMUM_VERSION = "3.254.0";

/** Asks a CLI for its version: undefined when it does not run or does not know. */
export async function probeVersion(
	command: string,
	{ env, cacheDir, signal }: SourceContext,
): Promise<string | undefined> {
	if (!isExecutable(command)) return undefined;
	const { code, stdout } = await runProcess(command, ["version"], {
		env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: join(cacheDir, "home") },
		signal,
	}).catch(() => ({ code: -1, stdout: "" }));
	signal?.throwIfAborted();
	return code === 0 ? (semver.parse(stdout.trim())?.version ?? undefined) : undefined;
}

export function isRecentEnough(version: string): boolean {
	return semver.gte(version, MINIMUM_VERSION);
}

/** True where the CLI in `folder` brings its own Node.js language host, as every release does. */
export function hasLanguageHost(command: string): boolean {
	return isExecutable(join(dirname(command), "pulumi-language-nodejs"));
}
