import { createEngine, type Engine } from "./engine.js";
import { built, goBuild } from "./go-build.js";
import { installed, installer } from "./installer.js";
import { onPath } from "./on-path.js";
import { defaultCacheDir } from "./paths.js";
import { MINIMUM_VERSION, type Origin, type Source } from "./source.js";

export interface EnsureOptions {
	/** Told in one line each what is being done and about how long it takes. Default: silence. */
	log?: (line: string) => void;
	signal?: AbortSignal | undefined;
	/** Where PATH and the proxy settings are taken from. Default `process.env`. */
	env?: NodeJS.ProcessEnv;
	/** The Node.js that runs programs and providers. Default: this process's. */
	node?: string | undefined;
	/** Default: `pulumi-channels` in the user's cache folder. The only place that is written to. */
	cacheDir?: string;
}

/** No Pulumi CLI could be found or made; the message names what was tried and what to install. */
export class EngineUnavailableError extends Error {
	override readonly name = "EngineUnavailableError";
}

const SOURCES: readonly { origin: Origin; source: Source; what?: string }[] = [
	{ origin: "path", source: onPath, what: "`pulumi` on PATH" },
	{ origin: "cache", source: installed },
	{ origin: "cache", source: built },
	{ origin: "installer", source: installer, what: "the official installer" },
	{ origin: "build", source: goBuild, what: "a build from its Go module" },
];

/**
 * Finds the real Pulumi CLI or gets it: on PATH, in the cache folder, from the official installer, by a
 * build from its Go module.
 *
 * @throws {EngineUnavailableError} when none of these works.
 */
export async function ensurePulumi(options: EnsureOptions = {}): Promise<Engine> {
	const { log = () => {}, signal, env = process.env, node = process.execPath } = options;
	const cacheDir = options.cacheDir ?? defaultCacheDir(env, process.platform);
	const context = { env, cacheDir, signal, progress: log };
	const tried: string[] = [];
	for (const { origin, source, what } of SOURCES) {
		signal?.throwIfAborted();
		const outcome = await source(context);
		if (typeof outcome !== "string") return createEngine({ ...outcome, origin, env, node });
		if (what === undefined) continue;
		tried.push(`${what}: ${outcome}`);
		// "Not found" needs no line of its own when the next way works.
		if (origin !== "path" || outcome !== "not found") log(`No Pulumi CLI from ${what}: ${outcome}`);
	}
	throw new EngineUnavailableError(
		[
			"There is no Pulumi CLI and none could be installed. Tried:",
			...tried.map((line, index) => `  ${index + 1}. ${line}`),
			`Install the Pulumi CLI ${MINIMUM_VERSION} or newer (https://www.pulumi.com/docs/install/), ` +
				"or a recent Go (https://go.dev/dl/), and run the command again.",
		].join("\n"),
	);
}
