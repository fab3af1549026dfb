import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ChannelsClient, type Clock, isAmbiguous, ServerError, TimeoutError } from "../../sdk/index.js";
import { apiKey, detail, failure, type Handler, json, serve, setupId, workspaceId } from "./server.js";

const unavailable = json(503, { detail: "Later." });
const slow: Handler = async (request, response) => {
	await sleep(50);
	json(200, detail)(request, response);
};

/** A clock that somebody sets forward by an hour at every look, and whose sleeps take `oversleepMs` too long. */
function strangeClock({ oversleepMs = 0 } = {}): Clock {
	let wall = Date.now();
	let elapsed = 0;
	return {
		now: () => (wall += 3_600_000),
		monotonic: () => elapsed,
		sleep: async (ms) => {
			elapsed += ms + oversleepMs;
		},
	};
}

describe("the time of a call", () => {
	it("is not used up by a clock that is set forward", async () => {
		await using api = await serve([unavailable, unavailable, json(200, detail)], { clock: strangeClock() });
		expect((await api.client.sesSetups.get(setupId)).data).toEqual(detail);
		expect(api.seen).toHaveLength(3);
	});

	it.each([2 ** 31, 1e15, Number.POSITIVE_INFINITY])("may be %d ms long", async (ms) => {
		await using api = await serve(slow, { timeoutMs: ms, attemptTimeoutMs: ms });
		expect((await api.client.sesSetups.get(setupId)).data).toEqual(detail);
		expect((await api.client.sesSetups.get(setupId, { timeoutMs: ms })).data).toEqual(detail);
		expect(api.seen).toHaveLength(2);
	});

	it.each([0, -1])("that is over already (%d ms) lets nothing be sent", async (timeoutMs) => {
		await using api = await serve(json(200, detail));
		const error = await failure(api.client.sesSetups.get(setupId, { timeoutMs }), TimeoutError);
		expect(error).toMatchObject({ requestSent: false, attempts: 0 });
		expect(error.message).toContain("nothing was done");
		expect(isAmbiguous(error)).toBe(false);
		expect(api.seen).toHaveLength(0);
	});

	it("that ran out in a wait that took too long lets nothing more be sent, and tells the last failure", async () => {
		await using api = await serve(unavailable, {
			clock: strangeClock({ oversleepMs: 60_000 }),
			timeoutMs: 30_000,
		});
		const error = await failure(api.client.sesSetups.get(setupId), ServerError);
		expect(error).toMatchObject({ attempts: 1, status: 503 });
		expect(api.seen).toHaveLength(1);
	});

	it("must be a number", async () => {
		expect(() => new ChannelsClient({ apiKey, workspaceId, timeoutMs: Number.NaN })).toThrow(TypeError);
		expect(() => new ChannelsClient({ apiKey, workspaceId, attemptTimeoutMs: Number.NaN })).toThrow(
			TypeError,
		);
		await using api = await serve(json(200, detail));
		const call = api.client.sesSetups.get(setupId, { timeoutMs: Number.NaN });
		await expect(call).rejects.toThrow(TypeError);
		expect(api.seen).toHaveLength(0);
	});
});
