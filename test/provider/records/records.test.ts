import { describe, expect, it } from "vitest";
import { IncompleteError } from "../../../provider/core/errors.js";
import { Route53Error } from "../../../provider/core/hosts/route53/api.js";
import type { RecordsInputs, RecordsOutputs } from "../../../provider/core/inputs.js";
import { recordsHandler } from "../../../provider/core/records/handler.js";
import { Claims } from "../../../provider/core/run/claims.js";
import type { DiffWorld } from "../../../provider/core/world.js";
import type { DnsRecord, RecordSetState } from "../../../provider/shapes.js";
import { alias, dkimName, dkimTarget, dmarcName, domain, inbound, policy, standing } from "./sets.js";
import { dnsRecords, setupId, stage } from "./stage.js";

describe("Route53Records on its own", () => {
	it("finds the zone, publishes, and removes what it wrote", async () => {
		const foreign = standing(domain, "TXT", ['"v=spf1 -all"']);
		const { create, destroy, route53, zone } = stage(foreign);
		const made = await create();
		expect(made.id).toBe(setupId);
		expect(made.outputs).toMatchObject({ zoneId: zone.id, zoneName: "acme.com", kept: [], drift: [] });
		expect(route53.records(zone)).toHaveLength(4);
		await destroy(made);
		expect(route53.records(zone)).toEqual([foreign]);
	});

	it("does not own what stood there already", async () => {
		const { create, destroy, route53, zone } = stage(standing(dmarcName, "TXT", [policy], 60));
		const made = await create();
		expect(made.outputs.kept).toMatchObject([{ name: dmarcName, reason: "identical" }]);
		await destroy(made);
		expect(route53.records(zone)).toEqual([standing(dmarcName, "TXT", [policy], 60)]);
	});

	it("looks whether the zone is live, as delegationCheck wants", async () => {
		const { create, delegateTo, route53, zone } = stage();
		delegateTo({ zone: "acme.com", nameServers: ["ns.registrar.test"] });
		await expect(create()).rejects.toThrow("live for acme.com: ns.registrar.test");
		expect(route53.records(zone)).toEqual([]);
		await create({ delegationCheck: "off" });
		expect(route53.records(zone)).toHaveLength(3);
	});

	it("refuses to publish below a delegation", async () => {
		const { create, route53 } = stage(standing(`_domainkey.${domain}`, "NS", ["ns.vendor.test"]));
		await expect(create()).rejects.toThrow(`the name _domainkey.${domain} is delegated away`);
		expect(route53.count("change")).toBe(0);
	});

	it("refuses what is in the way with both values", async () => {
		const { create, route53 } = stage(standing(domain, "MX", ["10 mx.acme.com"]));
		const failure = await create().catch((error: Error) => error.message);
		expect(failure).toContain("    - MX 10 mx.acme.com  (TTL 3600 s)");
		expect(failure).toContain(`    + MX ${inbound}`);
		expect(failure).toContain("Nothing was changed in it.");
		expect(route53.count("change")).toBe(0);
	});
});

describe("an identical record of others", () => {
	it("that vanishes is drift, and an update publishes it as ours", async () => {
		const theirs = standing(dmarcName, "TXT", [policy], 60);
		const { create, read, update, route53, zone } = stage(theirs);
		const made = await create();
		route53.remove(zone, theirs);
		const found = await read(made);
		expect(found?.drift).toHaveLength(1);
		const outputs = await update({ ...made, ...(found && { outputs: found }) });
		expect(outputs.written.map(({ name }) => name)).toContain(dmarcName);
		expect(outputs.drift).toEqual([]);
	});
});

describe("a removal", () => {
	it("leaves to another resource of the setup what that publishes, and nothing else", async () => {
		const { create, destroy, route53, zone, world, warnings } = stage();
		const made = await create();
		world.claims.declare("::renamed-records", { kind: "Route53Records", inputs: {} });
		world.claims.keep("::renamed-records", {
			kind: "Route53Records",
			inputs: { setupId, dnsRecords, records: ["dkim"], zone: { id: zone.id } },
		});
		await destroy(made);
		expect(route53.records(zone)).toEqual([standing(dkimName, "CNAME", [dkimTarget], 300)]);
		expect(warnings).toEqual([
			`CNAME ${dkimName} stay in acme.com: renamed-records of this program publishes them now.`,
		]);
	});

	it("leaves what another resource of the run publishes in the zone, of another setup of the domain", async () => {
		const theirs = standing(domain, "MX", ["10 mx.acme.com"]);
		const { create, destroy, route53, zone, world, warnings } = stage(theirs);
		const made = await create({ onConflict: { mx: "overwrite" } });
		world.claims.declare("::anew-records", { kind: "Route53Records", inputs: {} });
		const [, mx] = dnsRecords as [DnsRecord, DnsRecord];
		world.claims.keep("::anew-records", {
			kind: "Route53Records",
			inputs: { setupId: "another", dnsRecords: [mx], zone: { id: zone.id } },
		});
		await destroy(made);
		expect(route53.records(zone)).toEqual([standing(domain, "MX", [inbound], 300)]);
		expect(warnings).toEqual([
			`MX ${domain} stay in acme.com: anew-records of this program publishes them now.\n` +
				"What stood there before it came, it does not remove later.\nWhat was replaced there will not be put back; add it by hand once it is due: " +
				`${domain} MX 10 mx.acme.com`,
		]);
	});

	it("by an update leaves what another resource of the run publishes as well, and says so", async () => {
		const { create, update, route53, zone, world, warnings } = stage();
		const made = await create();
		world.claims.declare("::anew-records", { kind: "Route53Records", inputs: {} });
		const [, mx] = dnsRecords as [DnsRecord, DnsRecord];
		world.claims.keep("::anew-records", {
			kind: "Route53Records",
			inputs: { setupId: "another", dnsRecords: [mx], zone: { id: zone.id } },
		});
		const outputs = await update(made, { records: ["dkim"] });
		expect(outputs.written.map(({ type }) => type)).toEqual(["CNAME"]);
		expect(route53.records(zone).map(({ type }) => type)).toEqual(["MX", "CNAME"]);
		expect(warnings).toEqual([
			expect.stringMatching(/^MX \S+ stay in acme\.com: anew-records of this program publishes them now/),
		]);
	});

	it("goes through without putting back what the zone can no longer take, and says what is lost", async () => {
		const target = standing("lb.acme.com", "CNAME", ["x.example.net"]);
		const { create, destroy, route53, zone, warnings } = stage(target);
		const replaced = alias(dkimName, "CNAME", "lb.acme.com.");
		const toZone = { HostedZoneId: zone.id, DNSName: "lb.acme.com.", EvaluateTargetHealth: false };
		const aliased = { ...replaced, rest: { AliasTarget: toZone } };
		route53.put(zone, aliased);
		const made = await create({ onConflict: { other: "overwrite" } });
		route53.remove(zone, target);
		await destroy(made);
		expect(route53.records(zone)).toEqual([]);
		expect(warnings).toHaveLength(1);
		expect(warnings[0]).toContain(`${dkimName} CNAME alias of lb.acme.com`);
	});

	it("puts back what was replaced, however often others are faster meanwhile", async () => {
		const replaced = standing(dmarcName, "TXT", ['"v=DMARC1; p=reject"']);
		const { create, destroy, route53, zone, warnings } = stage(replaced);
		const made = await create({ onConflict: { dmarc: "overwrite" } });
		const beside = [1, 2, 3].map((preference) => `${preference} mx${preference}.acme.com`);
		let count = 0;
		route53.before = ({ operation }) => {
			if (operation !== "change" || count === beside.length) return;
			count += 1;
			const values = [inbound, ...beside.slice(0, count)];
			route53.put(zone, standing(domain, "MX", values, 300));
		};
		await destroy(made);
		expect(route53.records(zone)).toEqual([standing(domain, "MX", beside, 300), replaced]);
		expect(warnings).toEqual([]);
	});

	it("is done where the zone is gone", async () => {
		const { create, destroy, route53, zone } = stage();
		const made = await create();
		for (const set of route53.records(zone)) route53.remove(zone, set);
		route53.zones.delete(zone.id);
		await destroy(made);
	});

	it("asks nothing of Route 53 where nothing was written", async () => {
		const all = [
			standing(domain, "MX", [inbound]),
			standing(dmarcName, "TXT", [policy]),
			standing(dkimName, "CNAME", [dkimTarget]),
		];
		const { create, destroy, route53 } = stage(...all);
		const made = await create();
		const calls = route53.calls.length;
		await destroy(made);
		expect(route53.calls).toHaveLength(calls);
	});
});

it("another zone is left once every name server has the records, where an answer got lost", async () => {
	const { create, update, route53, zone, events, lackFor } = stage();
	const made = await create();
	const next = route53.addZone("acme.com", { nameServers: ["ns2.acme.com"] });
	lackFor(3);
	let isLost = true;
	route53.after = ({ operation, changes }) => {
		if (operation !== "change") return;
		events.push(changes?.every(({ action }) => action === "DELETE") ? "left" : "written");
		if (!isLost) return;
		isLost = false;
		throw new Route53Error("no answer", "ConnectionLost", { unanswered: true });
	};
	const outputs = await update(made, { zone: { id: next.id, name: "acme.com", found: [] } });
	expect(outputs.zoneId).toBe(next.id);
	expect(route53.records(zone)).toEqual([]);
	expect(events).toEqual(["written", "asked", "asked", "asked", "left"]);
});

it("another zone is left once every name server has what another resource has just written there", async () => {
	const { create, update, route53, events, lackFor } = stage();
	const made = await create();
	const second = await create({ setupId: "2f7c" });
	const next = route53.addZone("acme.com", { nameServers: ["ns2.acme.com"] });
	const zone = { id: next.id, name: "acme.com", found: [] };
	await update(second, { zone });
	route53.before = ({ operation, changes }) => {
		if (operation === "change" && changes?.every(({ action }) => action === "DELETE")) events.push("left");
	};
	lackFor(1);
	await update(made, { zone: { ...zone, found: route53.records(next) } });
	expect(events).toEqual(["asked", "asked", "left"]);
});

it("another zone stays while no name server answers", async () => {
	const { create, update, route53, zone, events, silenceFor } = stage();
	const made = await create();
	const next = route53.addZone("acme.com", { nameServers: ["ns2.acme.com"] });
	for (const set of route53.records(zone)) route53.put(next, set);
	silenceFor(3);
	await update(made, { zone: { id: next.id, name: "acme.com", found: [] } });
	expect(events).toEqual(["asked", "asked", "asked", "asked"]);
	expect(route53.records(zone)).toEqual([]);
});

it("another zone stays in the state, and what it has stands, while a name server lacks the records", async () => {
	const { create, update, route53, zone, lackFor } = stage();
	const made = await create();
	const next = route53.addZone("acme.com", { nameServers: ["ns2.acme.com"] });
	const records = route53.records(zone);
	for (const set of records) route53.put(next, set);
	lackFor(Number.POSITIVE_INFINITY);
	await expect(update(made, { zone: { id: next.id, name: "acme.com", found: [] } })).rejects.toMatchObject({
		name: "IncompleteError",
		message: expect.stringMatching(
			/^Waited 10m for every name server of acme\.com to have the records, in vain\. The records stand in acme\.com /,
		),
		outputs: { zoneId: next.id, former: [{ zoneId: zone.id }] },
	});
	expect(route53.records(zone)).toEqual(records);
});

it("another zone is left with what another resource of the setup has there, which does not move", async () => {
	const { create, update, route53, zone, world, warnings } = stage();
	const made = await create();
	const standingBefore = route53.records(zone);
	const next = route53.addZone("acme.com", { nameServers: ["ns2.acme.com"] });
	for (const [urn, id] of [
		["::moved-records", next.id],
		["::second-records", zone.id],
	] as const) {
		const inputs = { setupId, dnsRecords, zone: { id } };
		world.claims.declare(urn, { kind: "Route53Records", inputs });
		world.claims.keep(urn, { kind: "Route53Records", inputs });
	}
	const outputs = await update(made, { zone: { id: next.id, name: "acme.com", found: [] } });
	expect(outputs).toMatchObject({ zoneId: next.id });
	expect(outputs.former).toBeUndefined();
	expect(route53.records(zone)).toEqual(standingBefore);
	expect(warnings).toEqual([
		expect.stringMatching(/stay in acme\.com: second-records of this program publishes them now\.$/),
	]);
});

it("another zone is left also where every answer gets lost", async () => {
	const { create, update, route53, zone } = stage();
	const made = await create();
	const next = route53.addZone("acme.com", { nameServers: ["ns2.acme.com"] });
	route53.after = ({ operation }) => {
		if (operation === "change") throw new Route53Error("no answer", "ConnectionLost", { unanswered: true });
	};
	const outputs = await update(made, { zone: { id: next.id, name: "acme.com", found: [] } });
	expect(outputs).toMatchObject({ zoneId: next.id, written: [{}, {}, {}] });
	expect(outputs.former).toBeUndefined();
	expect([route53.records(zone), route53.records(next)]).toMatchObject([[], [{}, {}, {}]]);
});

describe("records of which nobody can say whether they were written", () => {
	/** The change gets no answer, be it made or not, and then the zone cannot be read. */
	async function cutOff(isMade: boolean) {
		const beside = standing(dmarcName, "TXT", ['"site-verification=1"']);
		const staged = stage(beside);
		const { create, route53 } = staged;
		const lost = new Route53Error("no answer", "ConnectionLost", { unanswered: true });
		let isCut = false;
		const cut = () => {
			isCut = true;
			throw lost;
		};
		route53.before = ({ operation }) => {
			if (isCut) throw new Route53Error("no", "AccessDenied");
			if (operation === "change" && !isMade) cut();
		};
		route53.after = ({ operation }) => {
			if (operation === "change") cut();
		};
		const failure = (await create().catch((error: unknown) => error)) as IncompleteError;
		route53.before = () => {};
		route53.after = () => {};
		expect(failure).toBeInstanceOf(IncompleteError);
		const made = { id: setupId, outputs: failure.outputs as RecordsOutputs };
		return { ...staged, beside, made };
	}

	it.each([true, false])(
		"are in the state, so that destroy leaves none of them (made: %s)",
		async (isMade) => {
			const { destroy, made, route53, zone, beside } = await cutOff(isMade);
			expect(route53.records(zone)).toHaveLength(isMade ? 3 : 1);
			await destroy(made);
			expect(route53.records(zone)).toEqual([beside]);
		},
	);

	it.each([true, false])("are put right by the next update (made: %s)", async (isMade) => {
		const { update, destroy, made, route53, zone, beside } = await cutOff(isMade);
		const outputs = await update(made);
		expect(outputs.drift).toEqual([]);
		expect(outputs.written).toHaveLength(3);
		expect(route53.records(zone)).toHaveLength(3);
		await destroy({ ...made, outputs });
		expect(route53.records(zone)).toEqual([beside]);
	});

	it("are not put back where somebody has taken one of them away since, before a refresh has seen it", async () => {
		const { update, read, made, route53, zone } = await cutOff(true);
		const [taken] = route53.records(zone).filter(({ type }) => type === "CNAME");
		route53.remove(zone, taken as RecordSetState);
		await expect(update(made)).rejects.toThrow("run `pulumi refresh`");
		const outputs = (await read(made)) as RecordsOutputs;
		expect(outputs.drift).toEqual([expect.stringContaining("is gone; found nothing")]);
		await update({ ...made, outputs });
		expect(route53.records(zone)).toHaveLength(3);
	});

	it.each([true, false])(
		"are no decision of a person, which `keep` would respect for ever (refreshed: %s)",
		async (isRefreshed) => {
			const { update, read, made, route53, zone } = await cutOff(false);
			const outputs = isRefreshed ? ((await read(made)) as RecordsOutputs) : made.outputs;
			expect(outputs.drift).toEqual([expect.stringMatching(isRefreshed ? /was not made$/ : /^nobody knows/)]);
			const onConflict = { dmarc: "keep", mx: "keep", mailFrom: "keep", spf: "keep", other: "keep" } as const;
			const put = await update({ ...made, outputs }, { onConflict });
			expect(put.kept).toEqual([]);
			expect(route53.records(zone)).toHaveLength(3);
		},
	);

	it.each([true, false])(
		"are another TTL as well, and a refresh tells whether it stands (made: %s)",
		async (isMade) => {
			const { create, update, read, route53, zone, diff } = stage();
			const made = await create();
			const lost = new Route53Error("no answer", "ConnectionLost", { unanswered: true });
			let isCut = false;
			route53.before = ({ operation }) => {
				if (isCut) throw new Route53Error("no", "AccessDenied");
				isCut = operation === "change";
				if (isCut && !isMade) throw lost;
			};
			route53.after = () => {
				if (isCut) throw lost;
			};
			const failure = (await update(made, { ttl: 60 }).catch((error: unknown) => error)) as IncompleteError;
			route53.before = () => {};
			route53.after = () => {};
			const once = (await read({ ...made, outputs: failure.outputs as RecordsOutputs })) as RecordsOutputs;
			const outputs = (await read({ ...made, outputs: once })) as RecordsOutputs;
			expect(diff({ ...made, outputs }, { ttl: 60 })).toMatchObject(
				isMade ? [] : [{ property: "drift", isHidden: true }],
			);
			const done = await update({ ...made, outputs }, { ttl: 60 });
			expect(route53.records(zone).map(({ ttl }) => ttl)).toEqual([60, 60, 60]);
			expect(diff({ ...made, outputs: done }, { ttl: 60 })).toEqual([]);
		},
	);

	it("are in the state with what stood at their own names, and not at those of a neighbour in the same batch", async () => {
		const { create, update, route53, zone } = stage();
		const neighbour = "b.acme.com";
		route53.put(zone, standing(neighbour, "TXT", ['"old"']));
		const made = await create();
		route53.before = ({ operation }) => {
			if (operation === "change") throw new Route53Error("no answer", "ConnectionLost", { unanswered: true });
		};
		const other: DnsRecord = { address: neighbour, type: "TXT", record: "new" };
		const [failure] = await Promise.all([
			update(made, { ttl: 60 }).catch((error: unknown) => error),
			create({ setupId: "2f7c", dnsRecords: [other] }).catch(() => {}),
		]);
		const { outputs } = failure as IncompleteError;
		const before = (outputs as RecordsOutputs).pending?.before ?? [];
		expect(before.map(({ name }) => name).sort()).toEqual([domain, dmarcName, dkimName].sort());
	});

	it("may be changed by others meanwhile, and are put back once a refresh has shown that", async () => {
		const { create, read, update, route53, zone } = stage();
		const made = await create();
		route53.before = ({ operation }) => {
			if (operation === "change") throw new Route53Error("no answer", "ConnectionLost", { unanswered: true });
		};
		const failure = (await update(made, { ttl: 60 }).catch((error: unknown) => error)) as IncompleteError;
		route53.before = () => {};
		route53.put(zone, standing(domain, "MX", ["10 hand.acme.com"]));
		const outputs = (await read({ ...made, outputs: failure.outputs as RecordsOutputs })) as RecordsOutputs;
		expect(outputs.seen).toHaveLength(3);
		await update({ ...made, outputs }, { ttl: 60 });
		expect(route53.records(zone)).toContainEqual(standing(domain, "MX", [inbound], 60));
	});

	it("are forgotten where something has come in the way, which keeps their change out as well", async () => {
		const { create, route53, zone } = stage();
		route53.before = ({ operation }) => {
			if (operation !== "change") return;
			route53.put(zone, standing(domain, "MX", ["10 mx.acme.com"]));
			throw new Route53Error("no answer", "ConnectionLost", { unanswered: true });
		};
		await expect(create()).rejects.toMatchObject({
			name: "UserError",
			message: expect.stringContaining("Nothing was changed in it."),
		});
	});

	it("are in the state where their change is still under way when another one is refused", async () => {
		const { create, destroy, route53, zone } = stage();
		let late: RecordSetState[] = [];
		route53.before = ({ operation, changes = [] }) => {
			if (operation !== "change") return;
			if (late.length > 0) throw new Route53Error("no", "AccessDenied");
			late = changes.map(({ set }) => set);
			throw new Route53Error("no answer", "ConnectionLost", { unanswered: true });
		};
		const failure = (await create().catch((error: unknown) => error)) as IncompleteError;
		expect(failure).toMatchObject({ name: "IncompleteError", reasons: ["no"] });
		route53.before = () => {};
		for (const set of late) route53.put(zone, set);
		expect(route53.records(zone)).toHaveLength(3);
		await destroy({ id: setupId, outputs: failure.outputs as RecordsOutputs });
		expect(route53.records(zone)).toEqual([]);
	});

	it("leave what somebody has made of them in the meantime to a decision", async () => {
		const { update, made, route53, zone } = await cutOff(false);
		route53.put(zone, standing(domain, "MX", ["1 smtp.google.com"]));
		await expect(update(made)).rejects.toThrow("MX 1 smtp.google.com");
	});
});

describe("a change to which no answer came", () => {
	const lost = () => new Route53Error("no answer", "ConnectionLost", { unanswered: true });
	const rival = standing(dmarcName, "TXT", ['"v=DMARC1; p=reject"']);

	it("is known by what stands of it, and so is what it replaced in that very moment", async () => {
		const { create, destroy, route53, zone } = stage();
		route53.before = ({ operation }) => {
			if (operation === "change" && route53.count("change") === 1) route53.put(zone, rival);
		};
		route53.after = ({ operation }) => {
			if (operation === "change" && route53.count("change") === 2) throw lost();
		};
		const made = await create({ onConflict: { dmarc: "overwrite" } });
		// One that is refused, and the one without an answer.
		expect(route53.count("change")).toBe(2);
		expect(route53.records(zone)).not.toContainEqual(rival);
		await destroy(made);
		expect(route53.records(zone)).toEqual([rival]);
	});

	it("that only took a rival from beside ours is known as well, and destroy brings the rival back", async () => {
		const { create, read, update, destroy, route53, zone } = stage();
		const made = await create();
		const [ours] = route53.records(zone).filter(({ type }) => type === "TXT");
		const both = [...(ours as RecordSetState).values, ...rival.values];
		route53.put(zone, { ...(ours as RecordSetState), values: both });
		const found = (await read(made)) as RecordsOutputs;
		let isCut = false;
		route53.before = () => {
			if (isCut) throw new Route53Error("no", "AccessDenied");
		};
		route53.after = ({ operation }) => {
			isCut ||= operation === "change";
			if (isCut) throw lost();
		};
		const failed = update({ ...made, outputs: found }, { onConflict: { dmarc: "overwrite" } });
		const { outputs } = (await failed.catch((error: unknown) => error)) as IncompleteError;
		route53.before = () => {};
		route53.after = () => {};
		const settled = (await read({ ...made, outputs: outputs as RecordsOutputs })) as RecordsOutputs;
		expect(settled.drift).toEqual([]);
		await destroy({ ...made, outputs: settled });
		expect(route53.records(zone)).toMatchObject([{ name: dmarcName, type: "TXT", values: rival.values }]);
	});

	it("is in the state where somebody has changed what it wrote since, and that is not undone unseen", async () => {
		const { create, route53, zone } = stage();
		route53.after = ({ operation }) => {
			if (operation !== "change") return;
			const [taken] = route53.records(zone).filter(({ type }) => type === "CNAME");
			route53.remove(zone, taken as RecordSetState);
			throw lost();
		};
		await expect(create()).rejects.toMatchObject({
			name: "IncompleteError",
			message: expect.stringMatching(
				/The records were written.*nothing stands there any more.*pulumi refresh/s,
			),
			outputs: { written: [{}, {}, {}], drift: [] },
		});
		expect(route53.count("change")).toBe(1);
	});

	it("is in the state also where the next one gets no answer, and something has come in its way", async () => {
		const { create, route53, zone } = stage();
		const isFirst = () => route53.count("change") === 1;
		route53.before = ({ operation }) => {
			if (operation !== "change" || isFirst()) return;
			route53.put(zone, standing(domain, "MX", ["10 mx.acme.com"]));
			throw lost();
		};
		route53.after = ({ operation }) => {
			if (operation !== "change" || !isFirst()) return;
			// Something is left to be done.
			const [ours] = route53.records(zone).filter(({ type }) => type === "CNAME");
			route53.put(zone, { ...(ours as RecordSetState), ttl: 60 });
			throw lost();
		};
		await expect(create({ onConflict: { other: "overwrite" } })).rejects.toMatchObject({
			name: "IncompleteError",
			outputs: { written: [{}, {}, {}], drift: [] },
		});
	});

	it("that was not made leaves a TTL of others theirs", async () => {
		const { create, update, route53, zone } = stage();
		const made = await create();
		const [mx] = route53.records(zone).filter(({ type }) => type === "MX");
		route53.put(zone, { ...(mx as RecordSetState), ttl: 120 });
		const onConflict = { mx: "keep" } as const;
		route53.before = ({ operation }) => {
			if (operation === "change") throw lost();
		};
		const failure = await update(made, { ttl: 60, onConflict }).catch((error: unknown) => error);
		route53.before = () => {};
		const { outputs } = failure as IncompleteError;
		await update({ ...made, outputs: outputs as RecordsOutputs }, { ttl: 60, onConflict });
		expect(route53.records(zone).map(({ type, ttl }) => [type, ttl])).toEqual([
			["MX", 120],
			["TXT", 60],
			["CNAME", 60],
		]);
	});

	it.each([
		["by asking the name servers", undefined, ["asked"]],
		["by the wait for verification, where one follows", false, []],
	])("is waited for %s", async (_, waitForSync, asked) => {
		const { create, route53, events } = stage();
		let isLost = true;
		route53.after = ({ operation }) => {
			if (operation !== "change" || !isLost) return;
			isLost = false;
			throw lost();
		};
		await create(waitForSync === undefined ? {} : { waitForSync });
		expect(route53.count("change")).toBe(1);
		expect(events).toEqual(asked);
	});

	it("goes on leaving to others what it left to them", async () => {
		const { create, update, route53, zone } = stage();
		const made = await create();
		const elsewhere = standing(dkimName, "CNAME", ["dkim.example.net"]);
		route53.put(zone, elsewhere);
		route53.after = ({ operation }) => {
			if (operation === "change" && route53.count("change") === 2) throw lost();
		};
		const outputs = await update(made, { ttl: 60, onConflict: { other: "keep" } });
		expect(outputs.kept).toMatchObject([{ name: dkimName, reason: "conflict" }]);
		expect(route53.records(zone)).toContainEqual(elsewhere);
		expect(route53.records(zone).map(({ ttl }) => ttl)).toEqual([60, 60, elsewhere.ttl]);
	});

	it("goes on leaving to others a TTL that it left to them", async () => {
		const { create, update, route53, zone } = stage();
		const made = await create();
		const [mx] = route53.records(zone).filter(({ type }) => type === "MX");
		route53.put(zone, { ...(mx as RecordSetState), ttl: 120 });
		route53.after = ({ operation }) => {
			if (operation === "change" && route53.count("change") === 2) throw lost();
		};
		await update(made, { ttl: 60, onConflict: { mx: "keep" } });
		expect(route53.records(zone).map(({ ttl }) => ttl)).toEqual([120, 60, 60]);
	});

	it.each([true, false])(
		"leaves in the state what was there before, and what may have come (made: %s)",
		async (isMade) => {
			const { create, update, destroy, route53, zone } = stage();
			const made = await create({ records: ["dkim", "mx"] });
			let isCut = false;
			route53.before = ({ operation }) => {
				if (isCut) throw new Route53Error("no", "AccessDenied");
				if (operation !== "change") return;
				isCut = true;
				if (!isMade) throw lost();
			};
			route53.after = () => {
				if (isCut) throw lost();
			};
			const failure = await update(made, { records: ["dkim", "dmarc"] }).catch((error: unknown) => error);
			route53.before = () => {};
			route53.after = () => {};
			expect(failure).toBeInstanceOf(IncompleteError);
			expect(route53.records(zone).map(({ type }) => type)).toEqual(
				isMade ? ["TXT", "CNAME"] : ["MX", "CNAME"],
			);
			await destroy({ ...made, outputs: (failure as IncompleteError).outputs as RecordsOutputs });
			expect(route53.records(zone)).toEqual([]);
		},
	);
});

it("with `keep` a record that has only gone comes back once a preview has shown it, and is no decision for good", async () => {
	const { create, update, destroy, route53, zone, warnings } = stage();
	const made = await create();
	const before = route53.records(zone);
	const [taken] = before.filter(({ type }) => type === "CNAME");
	route53.remove(zone, taken as RecordSetState);
	const onConflict = { other: "keep" } as const;
	const left = await update(made, { ttl: 60, onConflict });
	expect(left).toMatchObject({ kept: [], drift: [expect.stringContaining("is gone; found nothing")] });
	expect(warnings).toEqual([expect.stringContaining(`CNAME ${dkimName}: ${dkimTarget} is gone`)]);
	expect(route53.records(zone)).toHaveLength(2);
	const back = await update({ ...made, outputs: left }, { ttl: 60, onConflict });
	expect(back).toMatchObject({ kept: [], drift: [] });
	expect(route53.records(zone).map(({ name }) => name)).toEqual(before.map(({ name }) => name));
	await destroy({ ...made, outputs: back });
	expect(route53.records(zone)).toEqual([]);
});

it("a record that goes after another gone one was shown is not put back with it", async () => {
	const { create, update, read, route53, zone } = stage();
	const made = await create();
	const take = (wanted: string) => {
		for (const set of route53.records(zone).filter(({ type }) => type === wanted)) route53.remove(zone, set);
	};
	take("CNAME");
	const keep = { onConflict: { other: "keep" } } as const;
	const left = await update(made, { ttl: 60, ...keep });
	take("MX");
	await expect(update({ ...made, outputs: left }, { ttl: 60, ...keep })).rejects.toThrow(
		/MX.*pulumi refresh/s,
	);
	const shown = (await read({ ...made, outputs: left })) as RecordsOutputs;
	await update({ ...made, outputs: shown }, { ttl: 60, ...keep });
	expect(route53.records(zone)).toHaveLength(3);
});

it("a zone that is gone is told with the way to another one", async () => {
	const { create, update, route53, zone } = stage();
	const made = await create();
	for (const set of route53.records(zone)) route53.remove(zone, set);
	route53.zones.delete(zone.id);
	await expect(update(made)).rejects.toThrow(/^hosted zone acme\.com \(\w+\) is gone\. Set route53\.zoneId/);
});

it("records that a wait for verification follows end when Route 53 has taken them, and hand the change on", async () => {
	const { create, route53, world } = stage();
	const made = await create({ waitForSync: false });
	const isInSync = () => route53.calls.some(({ operation }) => operation === "inSync");
	expect(isInSync()).toBe(false);
	expect(made.outputs.written).toHaveLength(3);
	const change = world.cache.changes.get(setupId);
	expect(change?.zoneName).toBe("acme.com");
	await change?.inSync;
	expect(isInSync()).toBe(true);
});

describe("what state holds of the records", () => {
	const world = { claims: new Claims() } as DiffWorld;
	const changes = async (olds: RecordsOutputs, more: Partial<RecordsInputs> = {}) =>
		(await recordsHandler.diff(world, setupId, olds, { setupId, dnsRecords, ...more })).length > 0;

	it("repeats nothing that stands in the setup's own, and still tells whether others are wanted", async () => {
		const kept = standing(dmarcName, "TXT", ['"v=DMARC1; p=none;"']);
		const { create, zone } = stage(kept, standing(domain, "MX", ["20 mx.elsewhere.com"]));
		const given = { zone: { id: zone.id, name: zone.name, found: [kept] }, waitForSync: false };
		const { outputs } = await create({ ...given, onConflict: { mx: "overwrite" } });
		expect(Object.keys(outputs).sort()).toEqual(
			["setupId", "onConflict", "zoneId", "zoneName", "written", "kept", "drift"].sort(),
		);
		const same = { ...given, onConflict: { mx: "overwrite" } } as const;
		expect(await changes(outputs, same)).toBe(false);
		const [dkim, mx, dmarc] = dnsRecords as [DnsRecord, DnsRecord, DnsRecord];
		const spelled = { ...mx, record: mx.record.toUpperCase(), address: `${domain.toUpperCase()}.` };
		expect(await changes(outputs, { ...same, dnsRecords: [spelled, dmarc, dkim] })).toBe(false);
		for (const others of [
			[{ ...dkim, record: "another.dkim.amazonses.com" }, mx, dmarc],
			[{ ...dkim, address: `another._domainkey.${domain}` }, mx, dmarc],
			[dkim, mx, { ...dmarc, record: "v=DMARC1; p=reject" }],
			[dkim, mx],
			[dkim, mx, dmarc, { address: `more._domainkey.${domain}`, type: "TXT", record: "text" } as const],
		])
			expect(await changes(outputs, { ...same, dnsRecords: others })).toBe(true);
		expect(await changes(outputs, { ...same, ttl: 60 })).toBe(true);
		expect(await changes(outputs, { ...same, records: ["dkim"] })).toBe(true);
	});

	it("is understood as earlier versions wrote it", async () => {
		const { create, zone } = stage();
		const { outputs } = await create();
		const earlier = { ...outputs, dnsRecords, zone: { id: zone.id, name: zone.name, found: [] } };
		expect(await changes(earlier)).toBe(false);
		expect(await changes(earlier, { dnsRecords: dnsRecords.slice(1) })).toBe(true);
	});

	it("has all that a refresh of the first version found for shown, because that did not say what stood there", async () => {
		const { create, update, read, route53, zone } = stage();
		const made = await create();
		route53.put(zone, standing(domain, "MX", ["10 hand.acme.com"], 300));
		const { seen: _, ...outputs } = (await read(made)) as RecordsOutputs;
		expect(await update({ ...made, outputs })).toMatchObject({ drift: [] });
		expect(route53.records(zone)).toContainEqual(standing(domain, "MX", [inbound], 300));
	});
});

it("records that go are waited for by nobody", async () => {
	const { create, destroy, route53 } = stage();
	const made = await create();
	const before = route53.calls.length;
	await destroy(made);
	expect(route53.calls.slice(before).map(({ operation }) => operation)).not.toContain("inSync");
});

it("records that Route 53 does not say are everywhere are asked for at the name servers, and a warning has the reason", async () => {
	const { create, route53, events, warnings } = stage();
	route53.before = ({ operation }) => {
		if (operation === "inSync") throw new Route53Error("GetChange is not allowed.", "AccessDenied");
	};
	expect(await create()).toMatchObject({ outputs: { written: [{}, {}, {}] } });
	expect(events).toEqual(["asked"]);
	expect(warnings).toEqual([
		expect.stringMatching(/The records stand in acme\.com .*: GetChange is not allowed\.$/),
	]);
});
