import { execFile } from "node:child_process";
import { resolve } from "node:path";
import type { Stage } from "./stage.js";

interface CommandEnd {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** The built command. */
export const channelsScript = resolve(import.meta.dirname, "../../dist/cli/main.js");

export type CommandStage = Pick<Stage, "sandbox" | "service" | "baseUrl">;

/** The environment in which the command reaches a stage's API, DNS and Route 53. */
export const channelsEnv = (stage: CommandStage): NodeJS.ProcessEnv => ({
	PATH: process.env.PATH,
	HOME: process.env.HOME,
	...stage.sandbox.env(),
	CHANNELS_API_KEY: stage.service.apiKey,
	CHANNELS_WORKSPACE_ID: stage.service.workspaceId,
	CHANNELS_BASE_URL: stage.baseUrl,
});

/** Runs the command against a stage, as a user's shell would. */
export function channels(
	stage: CommandStage,
	args: readonly string[],
	{ cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CommandEnd> {
	const options = { cwd, env: { ...channelsEnv(stage), ...env }, timeout: 60_000 };
	return new Promise((settle, reject) => {
		execFile(process.execPath, [channelsScript, ...args], options, (error, stdout, stderr) => {
			if (error && typeof error.code !== "number") reject(error);
			else settle({ code: Number(error?.code ?? 0), stdout, stderr });
		});
	});
}
