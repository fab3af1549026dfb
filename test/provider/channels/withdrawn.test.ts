import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { RemoteChannels } from "../../../provider/core/channels/remote/remote.js";
import { systemClock } from "../../../provider/core/clock.js";
import type { Operation } from "../../../provider/core/operation.js";
import { RunCache } from "../../../provider/core/run/cache.js";
import { ChannelsClient, type Transport } from "../../../sdk/index.js";

const operation: Operation = {
	clock: systemClock,
	random: Math.random,
	lookups: {} as Operation["lookups"],
	progress: { show() {}, warn() {} },
	stop: new AbortController().signal,
	cache: new RunCache(),
	urn: undefined,
};
const ref = { id: randomUUID(), tenantName: "acme", domainIdentity: "mail.acme.com" };

/** Answers 404, as what stands at an address where there is no such API. */
const nothing: Transport = {
	send: async () => ({
		status: 404,
		headers: { "content-type": "application/json" },
		body: '{"detail":"Not Found"}',
	}),
	close: async () => {},
};

describe("a setup of the hosted API, which was withdrawn,", () => {
	const channels = new RemoteChannels(
		new ChannelsClient({ apiKey: "ck_test", workspaceId: randomUUID(), transport: nothing }),
	);

	test.each([
		["read", () => channels.read(operation, ref)],
		["verified", () => channels.verify(operation, ref)],
		["deleted", () => channels.remove(operation, ref)],
	])("is never taken for gone when it is %s, and what became of the API is told", async (_, ask) => {
		await expect(ask()).rejects.toMatchObject({ code: "api-withdrawn" });
	});
});
