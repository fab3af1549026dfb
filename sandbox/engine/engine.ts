import { delimiter, dirname } from "node:path";
import { LANGUAGE_HOST_VARIABLE } from "./go-build.js";
import { awsPluginBinDir, languageHostScript } from "./paths.js";
import { type ProcessOptions, type ProcessResult, type RunningProcess, startProcess } from "./process.js";
import type { Found, Origin } from "./source.js";

export interface EngineEnvOptions {
	/** Put the stand-in for the AWS plugin on PATH. Default false. */
	awsPlugin?: boolean;
}

/** `env` overlays the engine's environment; the rest as for any process. */
export type EngineRunOptions = ProcessOptions & EngineEnvOptions;

/** The real Pulumi CLI, ready to run. */
export interface Engine {
	readonly version: string;
	readonly origin: Origin;
	/** The CLI's absolute path. */
	readonly command: string;
	/** The environment in which the CLI finds all it needs, overlaid with `extra`. */
	env(extra?: NodeJS.ProcessEnv, options?: EngineEnvOptions): NodeJS.ProcessEnv;
	/** Starts the CLI. */
	start(args: readonly string[], options?: EngineRunOptions): Promise<RunningProcess>;
	/** Runs the CLI to its end. An exit code other than 0 is a result and does not throw. */
	run(args: readonly string[], options?: EngineRunOptions): Promise<ProcessResult>;
}

export function createEngine(
	found: Found & { origin: Origin; env: NodeJS.ProcessEnv; node: string },
): Engine {
	const { command, version, origin, ownLanguageHost, node } = found;

	const env: Engine["env"] = (extra = {}, { awsPlugin = false } = {}) => ({
		...found.env,
		PULUMI_SKIP_UPDATE_CHECK: "true",
		...(ownLanguageHost ? {} : { [LANGUAGE_HOST_VARIABLE]: languageHostScript }),
		...extra,
		PATH: [
			dirname(command),
			...(awsPlugin ? [awsPluginBinDir] : []),
			// Programs and dynamic providers run the `node` of PATH.
			dirname(node),
			extra.PATH ?? found.env.PATH ?? "",
		].join(delimiter),
	});

	const start: Engine["start"] = (args, { awsPlugin = false, ...options } = {}) =>
		startProcess(command, args, { ...options, env: env(options.env, { awsPlugin }) });

	return {
		version,
		origin,
		command,
		env,
		start,
		run: async (args, options) => await (await start(args, options)).result,
	};
}
