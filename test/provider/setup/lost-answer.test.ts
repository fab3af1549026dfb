import { describe, expect, test } from "vitest";
import { createLookups } from "../../../dns/index.js";
import { RunCache } from "../../../provider/core/run/cache.js";
import { Claims } from "../../../provider/core/run/claims.js";
import { register } from "../../../provider/core/setup/registration.js";
import type { World } from "../../../provider/core/world.js";
import { ChannelsClient } from "../../../sdk/index.js";
import { VirtualClock } from "../virtual-clock.js";
import { type Loss, MemoryChannels, type MemoryChannelsOptions } from "./memory-channels.js";

const workspaceId = "b8a1a1de-0d0c-4f3e-8a55-0c2e8a1f9d10";
const names = { tenant: "acme", domain: "mail.acme.test" };
const hour = 3_600_000;

/** What a registration came to: the setup that it owns, or its error. */
interface End {
	owned?: string;
	error?: string;
}

function stage(options: MemoryChannelsOptions = {}) {
	const clock = new VirtualClock();
	const api = new MemoryChannels(clock, options);
	const never = new AbortController().signal;
	const world = (loss: Loss, random: () => number): World => ({
		clock,
		random,
		workspaceId,
		channels: new ChannelsClient({
			apiKey: "key",
			workspaceId,
			clock,
			random,
			transport: api.transport(loss),
		}),
		lookups: createLookups({ servers: [] }),
		hosts: { route53: () => Promise.reject(new Error("a registration needs no zone")) },
		progress: { show() {}, warn() {} },
		stop: never,
		slots: 8,
		claims: new Claims(),
		cache: new RunCache(),
		urn: undefined,
	});
	return {
		api,
		pass: (ms: number) => clock.sleep(ms, never),
		/** A stack that registers the names, and loses the answer so. */
		async up(loss: Loss, random: () => number = dice(1)): Promise<End> {
			try {
				const progress = { show() {}, warn() {} };
				return { owned: (await register(world(loss, random), names, progress, never)).id };
			} catch (error) {
				return { error: (error as Error).message };
			}
		},
	};
}

/** Numbers in [0, 1) that look random, the same ones for the same seed (a linear congruential generator). */
function dice(seed: number): () => number {
	let state = seed * 2_654_435_761;
	return () => {
		state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
		return state / 2 ** 32;
	};
}

const surroundings: [string, MemoryChannelsOptions][] = [
	["clocks that agree", {}],
	["a server an hour ahead", { aheadMs: hour }],
	["a server an hour behind", { aheadMs: -hour }],
	["no Date", { without: "date" }],
	["a round trip of 200 ms", { roundTripMs: 200 }],
	["a round trip of 200 ms, an hour ahead", { roundTripMs: 200, aheadMs: hour }],
	["a look that takes a second", { lookMs: 1_000 }],
];
const slow: typeof surroundings = [["a round trip of 3 s", { roundTripMs: 3_000 }]];
const unstamped: typeof surroundings = [["no dns_checked_at", { without: "dns_checked_at" }]];
const all = [...surroundings, ...slow, ...unstamped];

describe("a setup of a POST whose answer got lost", () => {
	test.each(surroundings)("is taken over, with %s", async (_, options) => {
		const { api, up } = stage(options);
		expect(await up("after")).toEqual({ owned: api.setups[0]?.id });
		expect(api.posts).toBe(1);
	});

	test.each([...slow, ...unstamped])("is left alone and named, with %s", async (_, options) => {
		const { api, up } = stage(options);
		const { owned, error } = await up("after");
		expect(owned).toBeUndefined();
		expect(error).toContain(api.setups[0]?.id);
		expect(error).toMatch(/in doubt: .*\n.*`adoptExisting: true`/);
	});

	test("is left alone where the API tells its times in whole seconds", async () => {
		const { up } = stage({ spell: (time) => `${time.toISOString().slice(0, 19)}Z` });
		expect((await up("after")).error).toContain("so close to the moment");
	});

	test("is looked for until the service has finished, then taken over", async () => {
		const { api, pass, up } = stage();
		const [end] = await Promise.all([
			up("before"),
			pass(20_000).then(() => api.register(names.tenant, names.domain)),
		]);
		expect(end).toEqual({ owned: api.setups[0]?.id });
	});

	test("that was never made is said to be missing", async () => {
		const { up } = stage();
		expect((await up("before")).error).toContain("is not there. Run `pulumi up` again");
	});
});

describe("a setup that another stack made", () => {
	const moments = [5_000, 2_000, 1_000, 500, 100];
	describe.each(all)("with %s", (_, options) => {
		test.each(moments)("%i ms before this one began is never taken over", async (ms) => {
			for (const loss of ["before", "after"] as const) {
				const { api, pass, up } = stage(options);
				const other = api.register(names.tenant, names.domain);
				await pass(ms);
				const { owned, error } = await up(loss);
				expect(owned).toBeUndefined();
				expect(error).toContain(other?.id);
				expect(error).toContain("adoptExisting: true");
			}
		});
	});

	test.each(surroundings)(
		"a while ago and is in use is said to have been there, with %s",
		async (_, options) => {
			const { api, pass, up } = stage(options);
			const [setup] = [api.register(names.tenant, names.domain)];
			await pass(hour);
			if (setup) setup.dns_checked_at = setup.created_at;
			const { error } = await up("after");
			expect(error).toMatch(/made by this run is not there: before it, the workspace had setup/);
		},
	);
});

describe("two stacks that register the same names at the same moment", () => {
	const losses: Loss[] = ["before", "after"];
	const offsets = [0, 1, 30, 150, 400, 1_000, 2_500, 5_000, 9_000];
	test.each(all)("never both own the setup when both answers get lost, with %s", async (_, options) => {
		for (const first of losses) {
			for (const second of losses) {
				for (const [index, offset] of offsets.entries()) {
					const { api, pass, up } = stage(options);
					const ends = await Promise.all([
						up(first, dice(2 * index + 1)),
						pass(offset).then(() => up(second, dice(2 * index + 2))),
					]);
					expect(ends.filter(({ owned }) => owned !== undefined).length).toBeLessThanOrEqual(1);
					expect(api.setups.length).toBeLessThanOrEqual(1);
					for (const { owned, error } of ends) expect(owned ?? error).toBeTruthy();
				}
			}
		}
	});

	test("leave it with the one that had claimed it before the other began", async () => {
		const { api, pass, up } = stage();
		const [first, second] = await Promise.all([
			up("after", dice(1)),
			pass(9_000).then(() => up("after", dice(2))),
		]);
		expect(first).toEqual({ owned: api.setups[0]?.id });
		expect(second.error).toContain(api.setups[0]?.id);
	});
});
