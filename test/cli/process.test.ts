import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { channelsEnv, channelsScript } from "../support/channels-command.js";
import { useStage } from "../support/stage.js";
import { waitUntil } from "../support/wait.js";

const stage = useStage();

test("^C ends it at once, and says that nothing was changed", async () => {
	let asked = false;
	const remove = stage.sandbox.faults.add({
		service: "channels",
		match: () => {
			asked = true;
			return true;
		},
		effect: { kind: "delay", ms: 20_000 },
	});
	const child = spawn(process.execPath, [channelsScript, "doctor", "--all"], { env: channelsEnv(stage) });
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	await waitUntil(() => asked, { timeoutMs: 20_000, what: () => "request" });
	const before = performance.now();
	child.kill("SIGINT");
	const [code] = await once(child, "close");
	remove();
	expect(code).toBe(130);
	expect(said).toBe("channels: stopped. Nothing was changed. [stopped]\n");
	expect(performance.now() - before).toBeLessThan(2_000);
});

test("a reader that has heard enough ends it quietly", async () => {
	const child = spawn(process.execPath, [channelsScript, "--help"], { env: channelsEnv(stage) });
	child.stdout.destroy();
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	await once(child, "close");
	expect(said).toBe("");
});
