// @module-tag all
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startHostedApi } from "../support/hosted-api.js";
import { createProject } from "../support/project.js";
import { makeScene, oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";
import { hostedAuthorityFile } from "../support/tls.js";

const stage = useStage();

test("what is wrong with the settings is an error that says what to do: a key that is no longer valid, another workspace, a key in clear, none", async () => {
	const { project } = await makeScene(stage, "settings", "");
	await project.up();
	const { apiKey, workspaceId } = stage.service;
	stage.sandbox.faults.add({
		service: "channels",
		times: Number.POSITIVE_INFINITY,
		effect: { kind: "error", status: 401, code: "Unauthorized", message: "Invalid API key." },
	});
	const held = await project.resources();
	for (const failed of [
		await project.refresh({ expectFailure: true }),
		await project.destroy({ expectFailure: true }),
	]) {
		expect(failed.all).toContain("with --run-program they read it anew. [api-unauthorized]");
		expect(failed.all).not.toContain(apiKey);
	}
	expect((await project.resources()).map(({ urn }) => urn)).toEqual(held.map(({ urn }) => urn));
	stage.sandbox.faults.clear();

	const file = `Pulumi.${project.stack}.yaml`;
	const written = await readFile(join(project.directory, file), "utf8");
	const secretKey = /channels:apiKey:\n\s+secure: .*/;
	const configure = (settings: string) => project.writeFiles({ [file]: settings });
	await configure(written.replace(workspaceId, crypto.randomUUID()));
	const moved = await project.preview({ expectFailure: true });
	expect(moved.all).toContain("is in workspace");
	expect(moved.all).toContain("ChannelsProvider of its own. [workspace-changed]");

	await configure(written.replace(secretKey, `channels:apiKey: ${apiKey}`));
	const clear = await project.preview({ expectFailure: true });
	expect(clear.all).toContain("pulumi config set --secret channels:apiKey [api-key-in-clear]");

	await configure(written.replace(secretKey, ""));
	await project.preview({ env: { CHANNELS_API_KEY: apiKey } });
	// What is wrong with the arguments is told with it.
	await project.replaceProgram(
		oneSetup(
			"settings",
			'route53: { ttl: 0, zone: "x" }, waitForVerification: { timeout: "soon", until: "noon" }',
		),
	);
	const missing = await project.preview({ expectFailure: true });
	expect(missing.all).toContain("channels:apiKey is not set");
	expect(missing.all).toContain("route53.ttl");
	expect(missing.all).toContain("route53.zone");
	expect(missing.all).toContain("waitForVerification.timeout");
	expect(missing.all).toContain("waitForVerification.until");
	expect(missing.all).toContain("[setting-missing]");
	expect(missing.all).toContain("[argument-invalid]");
});

test("a stack without an API of its own is told that the hosted one was withdrawn, and which ways there are", async () => {
	await using undo = new AsyncDisposableStack();
	const hosted = undo.use(
		await startHostedApi((_, response) => {
			response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Not Found"}');
		}),
	);
	const project = undo.use(
		await createProject({
			program: oneSetup("withdrawn", ""),
			config: { "channels:workspaceId": crypto.randomUUID() },
			secretConfig: { "channels:apiKey": "ck_test" },
			env: {
				...stage.sandbox.env(),
				HTTPS_PROXY: hosted.url,
				NODE_EXTRA_CA_CERTS: hostedAuthorityFile,
			},
		}),
	);
	const up = await project.up({ expectFailure: true });
	expect(up.all).toContain("was withdrawn in June 2026");
	expect(up.all).toContain("pulumi config set channels:api embedded");
	expect(up.all).toContain("[api-withdrawn]");
	expect((await project.resources()).filter(({ type }) => type.includes("SesSetup"))).toEqual([]);
});
