import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pythonWith } from "./python.js";

/** An operation of boto3's SESv2 client, and its parameters. */
export type Boto3Call = readonly [operation: string, parameters: Record<string, unknown>];

// biome-ignore lint/suspicious/noExplicitAny: whatever the service says
export type Boto3Answer = any;

/** Makes calls with boto3, one after the other, in an environment that leads it to some SES. */
export async function boto3(
	env: Readonly<Record<string, string>>,
	...calls: readonly Boto3Call[]
): Promise<Boto3Answer[]> {
	const python = await pythonWith(["boto3==1.44.8"]);
	const child = spawn(python, [join(import.meta.dirname, "sesv2.py")], {
		env: { PATH: process.env.PATH, ...env },
		stdio: ["pipe", "pipe", "pipe"],
	});
	child.stdin.end(JSON.stringify(calls));
	const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
	if (child.exitCode !== 0) throw new Error(`boto3 failed:\n${stderr}`);
	return JSON.parse(stdout) as Boto3Answer[];
}
