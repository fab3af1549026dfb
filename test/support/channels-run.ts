import type { Edge } from "../../cli/edge.js";
import { run } from "../../cli/program.js";

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
