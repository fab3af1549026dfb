import { createServer } from "node:net";
import { expect, test } from "vitest";
import { runProcess, startProcess } from "../../sandbox/engine/process.js";
import { watchEngine } from "../../sandbox/engine/watch-engine.js";

const node = (script: string) => [process.execPath, ["-e", script]] as const;

test("a process's output and exit code are its result", async () => {
	const pieces: string[] = [];
	const result = await runProcess(...node("console.log('out'); console.error('err'); process.exit(3)"), {
		onOutput: (text, stream) => pieces.push(`${stream}: ${text}`),
	});
	expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
	expect(pieces.sort()).toEqual(["stderr: err\n", "stdout: out\n"]);
});

test("a process that a signal ended has the exit code that shells give it", async () => {
	expect(
		(await runProcess(...node("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e3)"))).code,
	).toBe(143);
});

test("a command that is not there rejects and is named", async () => {
	await expect(runProcess("/nowhere/pulumi", [])).rejects.toThrow("/nowhere/pulumi could not be started");
});

test("an abort interrupts, and kills what does not listen", async () => {
	const controller = new AbortController();
	const stubborn = await startProcess(
		...node("process.on('SIGINT', () => console.log('no')); console.log('up'); setInterval(() => {}, 1e3)"),
		{
			signal: controller.signal,
			graceMs: 200,
			onOutput: (text) => {
				if (text.startsWith("up")) controller.abort();
			},
		},
	);
	expect(await stubborn.result).toMatchObject({ code: 137, stdout: "up\nno\n" });
});

test("a grandchild that holds the pipes open does not hold up the result", async () => {
	const script = `
		const { spawn } = require("node:child_process");
		const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 20000)"], { stdio: "inherit", detached: true });
		child.unref();
		console.log(child.pid);
		process.exit(0);`;
	const started = performance.now();
	const { stdout } = await runProcess(...node(script));
	expect(performance.now() - started).toBeLessThan(15_000);
	process.kill(Number(stdout), "SIGKILL");
});

test("the engine is watched for as long as it listens, and its end is noticed", async () => {
	const server = createServer((socket) => socket.resume());
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	let connections = 0;
	let gone = false;
	const twoLooks = new Promise<void>((resolve) => {
		server.on("connection", () => {
			connections += 1;
			if (connections === 2) resolve();
		});
	});
	const left = new Promise<void>((resolve) => {
		watchEngine(`127.0.0.1:${port}`, () => {
			gone = true;
			resolve();
		});
	});
	await twoLooks;
	expect(gone).toBe(false);
	server.close();
	await left;
});
