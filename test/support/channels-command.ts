import { execFile } from "node:child_process";
import { resolve } from "node:path";
import type { Stage } from "./stage.js";

export interface CommandEnd {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

const script = resolve(import.meta.dirname, "../../dist/cli/main.js");

/** Runs the built `channels` command against a stage, as a user's shell would. */
export function channels(
	stage: Pick<Stage, "sandbox" | "service" | "baseUrl">,
	args: readonly string[],
	{ cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CommandEnd> {
	const surroundings = {
		PATH: process.env.PATH,
		HOME: process.env.HOME,
		...stage.sandbox.env(),
		CHANNELS_API_KEY: stage.service.apiKey,
		CHANNELS_WORKSPACE_ID: stage.service.workspaceId,
		CHANNELS_BASE_URL: stage.baseUrl,
		...env,
	};
	return new Promise((settle, reject) => {
		execFile(
			process.execPath,
			[script, ...args],
			{ cwd, env: surroundings, timeout: 60_000 },
			(error, stdout, stderr) => {
				if (error && typeof error.code !== "number") reject(error);
				else settle({ code: Number(error?.code ?? 0), stdout, stderr });
			},
		);
	});
}
