import type { Edge } from "../../cli/edge.js";
import { run } from "../../cli/program.js";
import { type CommandStage, channelsEnv } from "./channels-command.js";

export interface RunEnd {
	code: number;
	out: string;
	err: string;
	/** What was written to files, by path. */
	files: Record<string, string>;
}

/** Runs `channels` in this process. */
export async function runChannels(
	args: readonly string[],
	env: Record<string, string | undefined>,
	edge: Partial<Edge> = {},
): Promise<RunEnd> {
	const end: RunEnd = { code: -1, out: "", err: "", files: {} };
	end.code = await run({
		args,
		env: (key) => env[key],
		out: (text) => {
			end.out += text;
		},
		err: (text) => {
			end.err += text;
		},
		status: () => {},
		writeFile: async (path, text) => {
			end.files[path] = text;
		},
		now: Date.now,
		stop: new AbortController().signal,
		...edge,
	});
	return end;
}

/** Runs `channels` in this process against a stage, with the environment that its own process would have; one at a time. */
export const runChannelsOn = (
	stage: CommandStage,
	args: readonly string[],
	env: Record<string, string> = {},
	edge: Partial<Edge> = {},
): Promise<RunEnd> => runChannelsIn({ ...channelsEnv(stage), ...env }, args, edge);

/** The same in any environment. */
export async function runChannelsIn(
	env: NodeJS.ProcessEnv,
	args: readonly string[],
	edge: Partial<Edge> = {},
): Promise<RunEnd> {
	// The AWS SDK reads `process.env`.
	const before = exchangeAwsVariables(env);
	try {
		return await runChannels(args, env, edge);
	} finally {
		exchangeAwsVariables(before);
	}
}

/** Puts the AWS variables of an environment in the place of this process's, and returns these. */
function exchangeAwsVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const before = awsVariables(process.env);
	for (const name of Object.keys(before)) delete process.env[name];
	Object.assign(process.env, awsVariables(env));
	return before;
}

const awsVariables = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("AWS_")));
