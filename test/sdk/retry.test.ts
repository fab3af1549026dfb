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
	TransportError,
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
		"is sent again with its key after %s, which leaves open whether it was done",
		async (_, fault, kind) => {
			const attemptTimeoutMs = kind === TimeoutError ? 200 : 30_000;
			await using api = await serve([fault, json(201, detail)], { attemptTimeoutMs });
			expect((await api.client.sesSetups.create(setup)).data).toEqual(detail);
			expect(api.seen).toHaveLength(2);
			expect(api.seen[1]).toEqual(api.seen[0]);
		},
	);

	it("carries a random UUID as its key, another one each time, and nothing else does", async () => {
		await using api = await serve([json(201, detail), json(201, detail), json(200, detail)]);
		await api.client.sesSetups.create(setup);
		await api.client.sesSetups.create(setup);
		await api.client.sesSetups.verify(setupId);
		const keys = api.seen.map(({ headers }) => headers["idempotency-key"]);
		expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.anything(), undefined]);
		expect(keys[1]).not.toBe(keys[0]);
	});

	it("is given up after four attempts, and whether it was done stays open", async () => {
		const clock = virtualClock();
		const slow = json(504, { detail: "Slow." }, { "retry-after": "5" });
		await using api = await serve(slow, { clock, random: () => 0 });
		const error = await failure(api.client.sesSetups.create(setup), ServerError);
		expect(error).toMatchObject({ attempts: 4, inDoubt: true });
		expect(isAmbiguous(error)).toBe(true);
		expect(clock.slept).toEqual([5_000, 5_000, 5_000]);
	});

	it("has its four attempts beside those that met a rate limit", async () => {
		const limited = json(429, { detail: "Slow down." });
		await using api = await serve([limited, limited, limited, limited, drop, json(201, detail)]);
		expect((await api.client.sesSetups.create(setup)).data).toEqual(detail);
	});

	it("is sent again while in doubt where the connection is refused or the API is busy", async () => {
		const lost = new TransportError("lost", true, "closed");
		const refused = new TransportError("unreachable", false, "refused", "ECONNREFUSED");
		const busy = { status: 429, headers: {}, body: "" };
		const made = {
			status: 201,
			headers: { "content-type": "application/json" },
			body: JSON.stringify(detail),
		};
		const ends = [lost, refused, busy, made];
		await using api = await serve(hang, {
			transport: {
				async send() {
					const end = ends.shift();
					if (end === undefined || end instanceof Error) throw end;
					return end;
				},
				close: async () => {},
			},
		});
		expect((await api.client.sesSetups.create(setup)).data).toEqual(detail);
	});

	it("that is refused while in doubt does not say that nothing was done", async () => {
		const ends = [new TransportError("lost", true, "closed")];
		await using api = await serve(hang, {
			transport: {
				async send() {
					throw ends.shift() ?? new TransportError("unreachable", false, "refused", "ECONNREFUSED");
				},
				close: async () => {},
			},
		});
		const error = await failure(api.client.sesSetups.create(setup), ConnectionError);
		expect(error).toMatchObject({ attempts: 4, inDoubt: true, requestSent: false });
		expect(error.message).toContain("it may have been done all the same");
	});

	it.each([
		["409", json(409, { detail: "Tenant name already exists." })],
		["422", json(422, { detail: "Invalid domain." })],
		["401", json(401, { detail: "Revoked." })],
	])("does not take a %s to its repetition for the end of the first request", async (_, answer) => {
		await using api = await serve([drop, answer]);
		const error = await failure(api.client.sesSetups.create(setup), Error);
		expect(error).toMatchObject({ attempts: 2, inDoubt: true });
		expect(isAmbiguous(error)).toBe(true);
	});

	describe("that is told to stop repeating", () => {
		const busy = json(503, { detail: "Later." }, { "retry-after": "30" });

		it("ends its wait at once, and fails as its last attempt did", async () => {
			const stop = new AbortController();
			await using api = await serve(busy, { clock: undefined });
			const pending = failure(
				api.client.sesSetups.create(setup, { stopRepeating: stop.signal }),
				ServerError,
			);
			await expect.poll(() => api.seen.length).toBe(1);
			stop.abort(new Error("stop"));
			expect(isAmbiguous(await pending)).toBe(true);
			expect(api.seen).toHaveLength(1);
		});

		it("right before it begins again sends nothing", async () => {
			const stop = new AbortController();
			await using api = await serve(busy);
			const repeats: number[] = [];
			const beforeRepeat = () => {
				repeats.push(api.seen.length);
				if (repeats.length === 2) stop.abort(new Error("stop"));
			};
			const call = api.client.sesSetups.create(setup, { stopRepeating: stop.signal, beforeRepeat });
			expect(await failure(call, ServerError)).toMatchObject({ attempts: 2 });
			expect([repeats, api.seen.length]).toEqual([[1, 2], 2]);
		});

		it("in the middle of an attempt lets that end", async () => {
			const stop = new AbortController();
			const made: Handler = (request, response) => {
				stop.abort(new Error("stop"));
				json(201, detail)(request, response);
			};
			await using api = await serve([busy, made]);
			const { data } = await api.client.sesSetups.create(setup, { stopRepeating: stop.signal });
			expect(data).toEqual(detail);
		});

		it("waits out no rate limit either", async () => {
			const stop = new AbortController();
			await using api = await serve(json(429, { detail: "Slow down." }));
			const beforeRepeat = () => stop.abort(new Error("stop"));
			const call = api.client.sesSetups.create(setup, { stopRepeating: stop.signal, beforeRepeat });
			expect(isAmbiguous(await failure(call, RateLimitedError))).toBe(false);
			expect(api.seen).toHaveLength(1);
		});
	});

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
			code: "api-not-connected",
			systemCode: "ECONNREFUSED",
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
