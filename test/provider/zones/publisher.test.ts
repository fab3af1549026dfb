import { describe, expect, it } from "vitest";
import { Route53Error } from "../../../provider/core/hosts/route53/api.js";
import { Route53Host } from "../../../provider/core/hosts/route53/host.js";
import type { Intent } from "../../../provider/core/zones/intents.js";
import { Publisher, type Submission } from "../../../provider/core/zones/publisher.js";
import { MemoryRoute53 } from "../hosts/route53/memory-route53.js";
import { standing } from "../records/sets.js";
import { VirtualClock } from "../virtual-clock.js";
import { zonesWorld } from "./zones-world.js";

function stage() {
	const route53 = new MemoryRoute53();
	const zone = route53.addZone("acme.com");
	const stop = new AbortController();
	const clock = new VirtualClock();
	const world = zonesWorld({ clock, stop: stop.signal });
	return {
		route53,
		zone,
		stop,
		clock,
		publisher: new Publisher(new Route53Host(route53, world), zone.id, world),
		texts: () =>
			route53.records(zone).flatMap(({ name, values }) => values.map((value) => `${name} ${value}`)),
	};
}

const adding = (name: string, value: string, ttl?: number): Intent => ({
	...{ name, type: "TXT", add: [value], drop: [], clear: [], restore: [], ttl },
});

/** Adds a value to the TXT set at a name. */
const add = (name: string, value: string): Submission => ({
	ranges: [{ name }],
	plan(current) {
		const set = current.find((each) => each.name === name && each.type === "TXT");
		if (set?.values.includes(value)) return [];
		return [adding(name, value, set ? undefined : 3600)];
	},
});

const invalid = (name: string): Submission => ({
	ranges: [{ name }],
	plan: () => [adding(name, "no quotes", 3600)],
});

const lost = () => new Route53Error("socket hang up", "ECONNRESET", { unanswered: true });
const outcomes = async (submissions: Promise<unknown>[]) =>
	(await Promise.allSettled(submissions)).map(({ status }) => status);

describe("a publisher", () => {
	it("makes one change, after one reading, of all that is submitted at the same time", async () => {
		const { publisher, route53, texts } = stage();
		const ids = await Promise.all(
			["a", "b", "c"].map((name) => publisher.submit(add(`${name}.acme.com`, '"1"'))),
		);
		expect(new Set(ids).size).toBe(1);
		expect(texts()).toEqual(['a.acme.com "1"', 'b.acme.com "1"', 'c.acme.com "1"']);
		expect([route53.count("listRecordSets"), route53.count("change")]).toEqual([1, 1]);
	});

	it("makes no call for what has nothing to change", async () => {
		const { publisher, route53 } = stage();
		await publisher.submit(add("a.acme.com", '"1"'));
		expect(await publisher.submit(add("a.acme.com", '"1"'))).toBeUndefined();
		expect(route53.count("change")).toBe(1);
	});

	it("never has two changes of the zone under way", async () => {
		const { publisher, route53 } = stage();
		let underWay = 0;
		let most = 0;
		route53.before = async ({ operation }) => {
			if (operation !== "change") return;
			underWay += 1;
			most = Math.max(most, underWay);
			// Time for a second call to come in, if there were one.
			await new Promise((resolve) => setImmediate(resolve));
			underWay -= 1;
		};
		const first = publisher.submit(add("a.acme.com", '"1"'));
		await new Promise<void>((resolve) => {
			route53.after = () => resolve();
		});
		await Promise.all([first, publisher.submit(add("b.acme.com", '"1"'))]);
		expect(most).toBe(1);
		expect(route53.count("change")).toBe(2);
	});

	it("plans two submissions for one name one after the other", async () => {
		const { publisher, route53, texts } = stage();
		await Promise.all([
			publisher.submit(add("a.acme.com", '"1"')),
			publisher.submit(add("a.acme.com", '"2"')),
			publisher.submit(add("b.acme.com", '"1"')),
		]);
		expect(texts()).toEqual(['a.acme.com "1"', 'a.acme.com "2"', 'b.acme.com "1"']);
		expect(route53.count("change")).toBe(2);
	});

	it("refuses only the submission whose plan throws", async () => {
		const { publisher, texts } = stage();
		const refusing: Submission = {
			ranges: [{ name: "b.acme.com" }],
			plan() {
				throw new Error("in the way");
			},
		};
		const [good, bad] = await Promise.allSettled([
			publisher.submit(add("a.acme.com", '"1"')),
			publisher.submit(refusing),
		]);
		expect(good.status).toBe("fulfilled");
		expect(bad).toMatchObject({ reason: { message: "in the way" } });
		expect(texts()).toEqual(['a.acme.com "1"']);
	});
});

describe("a refused batch", () => {
	it("is split until it fails only those it must", async () => {
		const { publisher, texts } = stage();
		const names = Array.from({ length: 16 }, (_, index) => `n${index}.acme.com`);
		const submissions = names.map((name, index) =>
			publisher.submit(index === 5 || index === 11 ? invalid(name) : add(name, '"1"')),
		);
		const statuses = await outcomes(submissions);
		expect(statuses.flatMap((status, index) => (status === "rejected" ? [index] : []))).toEqual([5, 11]);
		expect(texts()).toHaveLength(14);
		await expect(submissions[5]).rejects.toMatchObject({ word: "InvalidChangeBatch" });
	});

	/** As a policy of IAM does that is about some names only. */
	const deny = (route53: MemoryRoute53, denied: (name: string) => boolean, code = "AccessDenied") => {
		route53.before = ({ changes }) => {
			if (changes?.some(({ set }) => denied(set.name))) throw new Route53Error("not authorized", code);
		};
	};
	const sixteen = Array.from({ length: 16 }, (_, index) => `n${index}.acme.com`);

	it.each(["AccessDenied", "InvalidInput", "Unknown"])("by %s fails the one it is about", async (code) => {
		const { publisher, route53, texts } = stage();
		deny(route53, (name) => name === "n5.acme.com", code);
		const submissions = sixteen.map((name) => publisher.submit(add(name, '"1"')));
		const statuses = await outcomes(submissions);
		expect(statuses.flatMap((status, index) => (status === "rejected" ? [index] : []))).toEqual([5]);
		expect(texts()).toHaveLength(15);
		await expect(submissions[5]).rejects.toMatchObject({ word: code });
		// The whole, and two halves at each of four depths.
		expect(route53.count("change")).toBe(9);
	});

	it("of names that are all denied costs two calls a name at most", async () => {
		const { publisher, route53 } = stage();
		deny(route53, () => true);
		await outcomes(sixteen.map((name) => publisher.submit(add(name, '"1"'))));
		expect(route53.count("change")).toBe(31);
	});

	it.each(["Throttling", "ExpiredToken", "CredentialsProviderError", "NoSuchHostedZone"])(
		"is not split where the reason holds for every part: %s",
		async (code) => {
			const { publisher, route53 } = stage();
			deny(route53, () => true, code);
			const statuses = await outcomes(sixteen.map((name) => publisher.submit(add(name, '"1"'))));
			expect(new Set(statuses)).toEqual(new Set(["rejected"]));
			expect(route53.count("change")).toBe(1);
		},
	);

	it("reads apart what one of them cannot be read with", async () => {
		const { publisher, texts } = stage();
		const long = `${"x".repeat(63)}.`.repeat(4);
		const statuses = await outcomes(
			[add("a.acme.com", '"1"'), add(`${long}acme.com`, '"1"'), add("b.acme.com", '"1"')].map((submission) =>
				publisher.submit(submission),
			),
		);
		expect(statuses).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect(texts()).toHaveLength(2);
	});

	it("is planned anew from what has come in between", async () => {
		const { publisher, route53, zone, texts } = stage();
		let raced = false;
		route53.before = ({ operation }) => {
			if (operation !== "change" || raced) return;
			raced = true;
			route53.put(zone, standing("a.acme.com", "TXT", ['"by hand"']));
		};
		await publisher.submit(add("a.acme.com", '"1"'));
		expect(texts()).toEqual(['a.acme.com "by hand"', 'a.acme.com "1"']);
	});

	it("is given up after four plans, and the submission is told of each refusal", async () => {
		const { publisher, route53 } = stage();
		const unanswered: boolean[] = [];
		const submission = publisher.submit({
			...invalid("a.acme.com"),
			failed: (isUnanswered) => unanswered.push(isUnanswered),
		});
		await expect(submission).rejects.toMatchObject({ word: "InvalidChangeBatch" });
		expect(unanswered).toEqual([false, false, false, false]);
		expect(route53.count("change")).toBe(4);
	});
});

describe("a change without an answer", () => {
	it("that was made is found made, and not repeated", async () => {
		const { publisher, route53, texts } = stage();
		route53.after = ({ operation }) => {
			if (operation === "change") throw lost();
		};
		expect(await publisher.submit(add("a.acme.com", '"1"'))).toBeUndefined();
		expect(texts()).toEqual(['a.acme.com "1"']);
		expect(route53.count("change")).toBe(1);
	});

	it("that was not made is made after a pause", async () => {
		const { publisher, route53, texts, clock } = stage();
		let failures = 0;
		route53.before = ({ operation }) => {
			if (operation === "change" && ++failures <= 2) throw lost();
		};
		expect(await publisher.submit(add("a.acme.com", '"1"'))).toBeDefined();
		expect(texts()).toEqual(['a.acme.com "1"']);
		expect(clock.slept.filter((ms) => ms > 100)).toEqual([375, 750]);
	});

	it("is given up after four attempts", async () => {
		const { publisher, route53 } = stage();
		route53.before = ({ operation }) => {
			if (operation === "change") throw lost();
		};
		await expect(publisher.submit(add("a.acme.com", '"1"'))).rejects.toThrow("socket hang up");
		expect(route53.count("change")).toBe(4);
	});

	it("is not waited for once the process is told to stop", async () => {
		const { publisher, route53, stop } = stage();
		route53.before = ({ operation }) => {
			if (operation !== "change") return;
			stop.abort(new Error("stop"));
			throw lost();
		};
		await expect(publisher.submit(add("a.acme.com", '"1"'))).rejects.toThrow("socket hang up");
		expect(route53.count("change")).toBe(1);
	});
});

it("fails all who share a reading that fails, and works on for those after", async () => {
	const { publisher, route53 } = stage();
	route53.before = () => {
		throw new Route53Error("no", "AccessDenied");
	};
	expect(
		await outcomes([publisher.submit(add("a.acme.com", '"1"')), publisher.submit(add("b.acme.com", '"1"'))]),
	).toEqual(["rejected", "rejected"]);
	route53.before = () => {};
	expect(await publisher.submit(add("a.acme.com", '"1"'))).toBeDefined();
});
