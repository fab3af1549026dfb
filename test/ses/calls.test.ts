import { expect, it } from "vitest";
import { Calls } from "../../ses/calls/calls.js";
import { Deadline } from "../../ses/calls/deadline.js";
import { SimulatedClock } from "../simulation/clock.js";

/** An error as the SDK makes it of an answer. */
function answer(name: string, httpStatusCode = 400): Error {
	return Object.assign(new Error(`SES's own words on ${name}`), { name, $metadata: { httpStatusCode } });
}

const throttled = () => answer("TooManyRequestsException", 429);

function scene({ renew }: { renew?: () => Promise<void> } = {}) {
	const clock = new SimulatedClock();
	const calls = new Calls({ requestsPerSecond: 1, random: () => 1, clock, ...(renew && { renew }) });
	const deadline = (ms: number, signal?: AbortSignal) => new Deadline(ms, { clock, signal });
	return { clock, calls, deadline, start: clock.now() };
}

it("asks less for all while SES throttles an operation, and as before once it does not", async () => {
	const { clock, calls, deadline, start } = scene();
	const sent: number[] = [];
	/** SES takes nothing of the operation for half a minute: another process has its turn. */
	const send = async () => {
		const at = clock.now() - start;
		sent.push(at);
		if (at < 30_000) throw throttled();
		return at;
	};
	using until = deadline(120_000);
	const answers = await clock.run(Promise.all([1, 2, 3, 4].map(() => calls.run("GetTenant", until, send))));
	const during = sent.filter((at) => at < 30_000);
	// 0.5, 1, 2, 4 and then 8 seconds, beside the second that there is between all requests.
	expect(during.length).toBeLessThanOrEqual(7);
	const gaps = answers.slice(1).map((at, index) => at - (answers[index] ?? 0));
	expect(gaps).toEqual([1_050, 1_050, 1_050]);
});

it("slows no other operation down", async () => {
	const { clock, calls, deadline, start } = scene();
	using until = deadline(10_000);
	const throttling = calls.run("GetTenant", until, () => Promise.reject(throttled())).catch(() => {});
	const other = [1, 2].map(() => calls.run("CreateTenant", until, async () => clock.now() - start));
	expect(await clock.run(Promise.all(other))).toEqual([0, 1_050]);
	await clock.run(throttling);
});

it("ends what is throttled at its deadline, with SES's own words", async () => {
	const { clock, calls, deadline, start } = scene();
	using until = deadline(20_000);
	const call = calls.run("GetTenant", until, () => Promise.reject(throttled()));
	await expect(clock.run(call)).rejects.toMatchObject({
		reason: "TooManyRequestsException",
		said: "SES's own words on TooManyRequestsException",
	});
	expect(clock.now() - start).toBe(20_000);
});

it("has expired credentials read anew, once", async () => {
	let renewals = 0;
	const renew = async () => {
		await Promise.resolve();
		renewals += 1;
	};
	const { clock, calls, deadline } = scene({ renew });
	using until = deadline(20_000);
	const once = calls.run("GetTenant", until, async () => {
		if (renewals === 0) throw answer("ExpiredTokenException", 403);
		return "done";
	});
	expect(await clock.run(once)).toBe("done");
	const again = calls.run("GetTenant", until, () => Promise.reject(answer("ExpiredTokenException", 403)));
	await expect(clock.run(again)).rejects.toMatchObject({ code: "upstream-denied" });
	expect(renewals).toBe(2);
});

it.each([
	["LimitExceededException", 400],
	["LimitExceededException", 429],
	["AccountSuspendedException", 400],
	["SendingPausedException", 400],
	["MailFromDomainNotVerifiedException", 400],
])("takes %s with status %i for a limit, and asks no second time", async (name, status) => {
	const { clock, calls, deadline } = scene();
	let sent = 0;
	using until = deadline(20_000);
	const call = calls.run("CreateTenant", until, async () => {
		sent += 1;
		throw answer(name, status);
	});
	await expect(clock.run(call)).rejects.toMatchObject({
		kind: "limited",
		code: "upstream-refused",
		said: `SES's own words on ${name}`,
	});
	expect(sent).toBe(1);
});

it("ends with the caller's signal, too", async () => {
	const { clock, calls, deadline } = scene();
	const stop = new AbortController();
	using until = deadline(20_000, stop.signal);
	const call = calls.run("GetTenant", until, () => new Promise(() => {}));
	stop.abort(new Error("stopped"));
	await expect(clock.run(call)).rejects.toMatchObject({ cause: stop.signal.reason });
});

it("leaves no timer behind that would keep a process", async () => {
	const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
	const before = timers();
	const calls = new Calls({ requestsPerSecond: 1, random: () => 1 });
	{
		using first = new Deadline(60_000);
		await calls.run("GetTenant", first, async () => {});
		using impatient = new Deadline(60_000, { signal: AbortSignal.abort() });
		await calls.run("GetTenant", impatient, async () => {}).catch(() => {});
		const leaving = new AbortController();
		using waiting = new Deadline(60_000, { signal: leaving.signal });
		const call = calls.run("GetTenant", waiting, async () => {}).catch(() => {});
		leaving.abort();
		await call;
	}
	await new Promise(setImmediate);
	expect(timers()).toBe(before);
});
