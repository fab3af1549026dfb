import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import {
	type Clock,
	ConflictError,
	ConnectionError,
	isAmbiguous,
	NotFoundError,
	RateLimitedError,
	ServerError,
	TimeoutError,
	UnexpectedAnswerError,
} from "../../sdk/index.js";
import {
	breakOff,
	detail,
	drop,
	failure,
	type Handler,
	hang,
	json,
	raw,
	serve,
	setupId,
	stall,
} from "./server.js";

const setup = { tenantName: "acme-support", domainIdentity: "mail.acme.com" };
const unavailable = json(503, { detail: "Try later." });

/** A clock that a sleep moves forward at once. */
function virtualClock(): Clock & { slept: number[] } {
	const start = Date.parse("2026-11-24T07:00:00Z");
	const slept: number[] = [];
	const monotonic = () => slept.reduce((sum, ms) => sum + ms, 0);
	return {
		slept,
		now: () => start + monotonic(),
		monotonic,
		async sleep(ms, signal) {
			signal.throwIfAborted();
			slept.push(ms);
		},
	};
}

describe("repeatable calls", () => {
	it.each([
		["a 500", json(500, { detail: "Oops." })],
		["a 502", json(502, { detail: "Down." })],
		["a 503 without JSON", raw(503, "busy")],
		["a 408", raw(408, "")],
		["a connection that breaks before the answer", drop],
		["a connection that breaks in the answer", breakOff(200)],
	])("are sent again after %s", async (_, fault) => {
		await using api = await serve([fault, fault, json(200, detail)]);
		expect((await api.client.sesSetups.verify(setupId)).data).toEqual(detail);
		expect(api.seen).toHaveLength(3);
	});

	it("are sent again after an attempt without an answer in time", async () => {
		await using api = await serve([hang, stall, json(200, detail)], { attemptTimeoutMs: 600 });
		expect((await api.client.sesSetups.get(setupId)).data).toEqual(detail);
		expect(api.seen).toHaveLength(3);
	});

	it("are given up after four attempts, with growing jittered waits", async () => {
		const clock = virtualClock();
		await using api = await serve(unavailable, { clock, random: () => 0.5 });
		const error = await failure(api.client.sesSetups.get(setupId), ServerError);
		expect(error.attempts).toBe(4);
		expect(error.message).toContain("4 attempts");
		expect(api.seen).toHaveLength(4);
		expect(clock.slept).toEqual([125, 250, 500]);
	});

	it("end with their deadline, without a wait that could not be used", async () => {
		const clock = virtualClock();
		await using api = await serve(json(503, { detail: "Later." }, { "retry-after": "20" }), {
			clock,
			random: () => 0,
		});
		await failure(api.client.sesSetups.get(setupId, { timeoutMs: 30_000 }), ServerError);
		expect(clock.slept).toEqual([20_000]);
	});

	it("are not sent again where the answer would be the same", async () => {
		await using api = await serve(json(404, { detail: "SES setup not found." }));
		await failure(api.client.sesSetups.get(setupId), NotFoundError);
		expect(api.seen).toHaveLength(1);
	});

	it("let the caller see that a deletion was repeated", async () => {
		await using api = await serve([drop, json(404, { detail: "SES setup not found." })]);
		const error = await failure(api.client.sesSetups.delete(setupId), NotFoundError);
		expect(error).toMatchObject({ attempts: 2, fromApi: true });
	});
});

describe("rate limits", () => {
	const limited = (retryAfter?: string) =>
		json(429, { detail: "Slow down." }, retryAfter === undefined ? {} : { "retry-after": retryAfter });

	it.each([
		["seconds", "7", 7_000],
		["a date", "Tue, 24 Nov 2026 07:00:09 GMT", 9_000],
		["more than thirty seconds", "3600", 30_000],
		["a date that has passed", "Tue, 24 Nov 2026 06:00:00 GMT", 0],
		["nothing", undefined, 0],
		["nonsense", "soon", 0],
	])("are waited out, for create too: Retry-After in %s", async (_, header, waited) => {
		const clock = virtualClock();
		await using api = await serve([limited(header), json(201, detail)], { clock, random: () => 0.5 });
		expect((await api.client.sesSetups.create(setup)).data).toEqual(detail);
		expect(clock.slept).toEqual([waited + 125]);
	});

	it("are reported when the deadline allows no further wait", async () => {
		const clock = virtualClock();
		await using api = await serve(limited("25"), { clock, random: () => 0 });
		const error = await failure(api.client.sesSetups.create(setup), RateLimitedError);
		expect(error).toMatchObject({ status: 429, retryAfterMs: 25_000, attempts: 3 });
		expect(isAmbiguous(error)).toBe(false);
		expect(clock.slept).toEqual([25_000, 25_000]);
	});
});

describe("create", () => {
	const odd: Handler = json(201, { ...detail, id: 7 });

	it.each([
		["a 500", json(500, { detail: "Oops." }), ServerError],
		["a 502", json(502, { detail: "Down." }), ServerError],
		["a 503", unavailable, ServerError],
		["a 504", json(504, { detail: "Slow." }), ServerError],
		["a connection that breaks before the answer", drop, ConnectionError],
		["a connection that breaks in the answer", breakOff(201), ConnectionError],
		["no answer in time", hang, TimeoutError],
		["half an answer in time", stall, TimeoutError],
		["a 201 that cannot be read", odd, UnexpectedAnswerError],
		["a 201 without JSON", raw(201, "made"), UnexpectedAnswerError],
	] as const)(
		"is never sent twice after %s, which leaves open whether it was done",
		async (_, fault, kind) => {
			const attemptTimeoutMs = kind === TimeoutError ? 200 : 30_000;
			await using api = await serve([fault, json(201, detail)], { attemptTimeoutMs });
			const error = await failure<Error>(api.client.sesSetups.create(setup), kind);
			expect(isAmbiguous(error)).toBe(true);
			expect(api.seen).toHaveLength(1);
		},
	);

	it.each([
		["409", json(409, { detail: "Tenant name already exists." })],
		["422", json(422, { detail: "Invalid domain." })],
		["404", raw(404, "nowhere")],
		["a redirect", raw(308, "", { location: "/elsewhere" })],
	])("knows that %s did nothing", async (_, fault) => {
		await using api = await serve(fault);
		const error = await failure(api.client.sesSetups.create(setup), Error);
		expect(isAmbiguous(error)).toBe(false);
		expect(api.seen).toHaveLength(1);
	});

	it("fails at once on a refused connection, knowing that nothing was done", async () => {
		const clock = virtualClock();
		const gone = await serve(hang, { clock });
		await gone[Symbol.asyncDispose]();
		await using api = await serve(hang, { clock, baseUrl: gone.url });
		const error = await failure(api.client.sesSetups.create(setup), ConnectionError);
		expect(error).toMatchObject({
			reason: "unreachable",
			requestSent: false,
			code: "ECONNREFUSED",
			attempts: 1,
		});
		expect(error.message).toContain("nothing was done");
		expect(isAmbiguous(error)).toBe(false);
		expect(clock.slept).toEqual([]);
	});

	it("knows that nothing was done when TLS could not be set up, and does not try again", async () => {
		await using plain = await serve(hang);
		await using api = await serve(hang, { baseUrl: plain.url.replace("http:", "https:") });
		const error = await failure(api.client.sesSetups.get(setupId), ConnectionError);
		expect(error).toMatchObject({ reason: "insecure", requestSent: false, attempts: 1 });
		expect(error.message).toContain("NODE_EXTRA_CA_CERTS");
	});

	it("tells a connection that breaks before the request from one that breaks after it", async () => {
		const closing = createServer((socket) => socket.once("data", () => socket.destroy()));
		closing.listen(0, "127.0.0.1");
		await once(closing, "listening");
		const { port } = closing.address() as AddressInfo;
		await using overTls = await serve(hang, { baseUrl: `https://127.0.0.1:${port}` });
		await using plain = await serve(hang, { baseUrl: `http://127.0.0.1:${port}` });
		const before = await failure(overTls.client.sesSetups.create(setup), ConnectionError);
		const after = await failure(plain.client.sesSetups.create(setup), ConnectionError);
		closing.close();
		expect([before.requestSent, isAmbiguous(before)]).toEqual([false, false]);
		expect([after.requestSent, isAmbiguous(after)]).toEqual([true, true]);
	});

	it("reports a conflict in the API's words", async () => {
		await using api = await serve(json(409, { detail: "Domain identity already exists." }));
		const error = await failure(api.client.sesSetups.create(setup), ConflictError);
		expect(error.detail).toBe("Domain identity already exists.");
	});
});

describe("aborting", () => {
	it.each([
		["before it begins", undefined],
		["while it waits for an answer", hang],
		["while the answer comes in", stall],
	])("ends a call %s with the signal's reason", async (_, handler) => {
		await using api = await serve(handler ?? hang);
		const abort = new AbortController();
		const reason = new Error("stop");
		if (handler === undefined) abort.abort(reason);
		const pending = expect(api.client.sesSetups.get(setupId, { signal: abort.signal })).rejects.toBe(reason);
		if (handler !== undefined) await expect.poll(() => api.seen.length).toBe(1);
		abort.abort(reason);
		await pending;
		expect(api.seen.length).toBe(handler === undefined ? 0 : 1);
	});

	it("ends the wait between two attempts", async () => {
		const abort = new AbortController();
		await using api = await serve(json(429, { detail: "Slow down." }, { "retry-after": "30" }), {
			clock: undefined,
		});
		const pending = expect(api.client.sesSetups.get(setupId, { signal: abort.signal })).rejects.toThrow(
			"stop",
		);
		await expect.poll(() => api.seen.length).toBe(1);
		abort.abort(new Error("stop"));
		await pending;
	});
});
