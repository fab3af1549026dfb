import { describe, expect, it } from "vitest";
import { unknownValue } from "../../provider/arguments/unknown.js";
import { IncompleteError } from "../../provider/core/errors.js";
import type { Difference, Handler } from "../../provider/core/handler.js";
import type { RecordsOutputs, SetupInputs, SetupOutputs } from "../../provider/core/inputs.js";
import { noted } from "../../provider/core/noted.js";
import { Run } from "../../provider/core/run.js";
import type { Outset, World } from "../../provider/core/world.js";
import { VirtualClock } from "./virtual-clock.js";

const setup = (tenantName: string, domainIdentity: string) =>
	({ tenantName, domainIdentity }) as SetupOutputs;
const mail = setup("acme", "mail.acme.com");
const records = { setupId: "id-1", zoneId: "Z1" } as RecordsOutputs;

/** A handler that does as it is told, and what a run makes of it. */
function stage(script: { difference?: Difference; create?: () => Promise<{ id: string }> } = {}) {
	const run = new Run();
	const handler = noted({
		kind: "SesSetup",
		diff: () => script.difference ?? { changes: false },
		create: async () => ({ outputs: mail, ...(await (script.create ?? (async () => ({ id: "id-1" })))()) }),
		update: async () => mail,
		read: async () => mail,
		delete: async () => {},
	} as Handler<SetupInputs, SetupOutputs>);
	const at = (urn: string) => ({ run, urn }) as World & Outset;
	const refresh = (urn: string) => handler.diff(at(urn), "id-1", mail, mail);
	return {
		run,
		/** Compares what no program declares. */
		refresh,
		compare(urn: string) {
			run.declares(urn, { kind: "SesSetup", inputs: mail });
			return refresh(urn);
		},
		create(urn: string) {
			run.declares(urn, { kind: "SesSetup", inputs: mail });
			return handler.create(at(urn), mail);
		},
	};
}

describe("what another resource of the run has", () => {
	it("is known of what stays, and of what is made, whether or not that succeeds", async () => {
		const stays = stage();
		await stays.compare("::copy");
		expect(stays.run.heirOfSetup("id-1", mail)).toBe("::copy");
		expect(stays.run.keepsSetup("id-1")).toBe(true);

		const made = stage();
		await made.create("::email");
		expect(made.run.heirOfSetup("id-1", mail)).toBe("::email");
		expect(made.run.keepsSetup("id-1")).toBe(true);

		const failing = stage({ create: () => Promise.reject(new Error("no")) });
		await failing.create("::email").catch(() => {});
		expect(failing.run.heirOfSetup("id-1", mail)).toBe("::email");
		expect(failing.run.keepsSetup("id-1")).toBe(false);

		const unready = stage({ create: () => Promise.reject(new IncompleteError("id-1", mail, ["not yet"])) });
		await unready.create("::email").catch(() => {});
		expect(unready.run.keepsSetup("id-1")).toBe(true);
	});

	it("is none of what is replaced, or of other names", async () => {
		const { run, compare } = stage();
		await compare("::mail");
		expect(run.heirOfSetup("id-1", setup("acme", "other.acme.com"))).toBeUndefined();
		expect(run.heirOfSetup("id-1", setup("acme", "MAIL.acme.com."))).toBe("::mail");

		const replaced = stage({ difference: { changes: true, replaces: ["tenantName"] } });
		await replaced.compare("::copy");
		expect(replaced.run.heirOfSetup("id-1", mail)).toBeUndefined();
		expect(replaced.run.keepsSetup("id-1")).toBe(false);
		expect(replaced.run.isLeaving("id-1")).toBe(true);
	});

	it("is nothing where nothing is declared, as in a destroy, after a refresh or not", async () => {
		const { run, refresh } = stage();
		await refresh("::copy");
		expect(run.heirOfSetup("id-1", mail)).toBeUndefined();
		expect(run.keepsSetup("id-1")).toBe(false);
	});

	it("is, of records, also what a setup that stays is about to declare", () => {
		const run = new Run();
		run.declares("::twin", { kind: "SesSetup", inputs: mail });
		const declare = (inputs: object, id = "id-1") => run.stays("::twin", { kind: "SesSetup", inputs, id });
		declare({ ...mail, route53: {} });
		expect(run.heirOfRecords(records)).toMatchObject({ urn: "::twin" });
		declare({ ...mail, route53: { zoneId: "Z2" } });
		expect(run.heirOfRecords(records)).toBeUndefined();
		declare({ ...mail, route53: {} }, "id-2");
		expect(run.heirOfRecords(records)).toBeUndefined();
		declare(mail);
		expect(run.heirOfRecords(records)).toBeUndefined();

		declare({ ...mail, route53: {} });
		run.declares("::twin-records", { kind: "Route53Records", inputs: {} });
		const elsewhere = { setupId: "id-1", zone: { id: "Z2" } };
		run.stays("::twin-records", { kind: "Route53Records", inputs: elsewhere });
		expect(run.heirOfRecords(records)).toBeUndefined();
	});

	it("is, of records, those of the same setup in the same zone", () => {
		const run = new Run();
		run.declares("::email-records", { kind: "Route53Records", inputs: {} });
		const declare = (inputs: object) => run.stays("::email-records", { kind: "Route53Records", inputs });
		declare({ setupId: "id-1", zone: { id: "Z1" } });
		expect(run.heirOfRecords(records)).toMatchObject({ urn: "::email-records" });
		declare({ setupId: "id-1" });
		expect(run.heirOfRecords(records)).toMatchObject({ urn: "::email-records" });
		for (const other of [
			{ setupId: "id-1", zoneId: "Z2" },
			{ setupId: "id-2", zoneId: "Z1" },
		]) {
			declare(other);
			expect(run.heirOfRecords(records)).toBeUndefined();
		}
	});
});

describe("a program that could never be had", () => {
	const declared = (inputs: object) => ({ kind: "SesSetup", inputs }) as const;

	it("gives one tenant two domains, or one domain two tenants, and is told where the second stands", () => {
		const run = new Run();
		expect(run.declares("::mail", declared(mail))).toEqual([]);
		expect(run.declares("::news", declared(setup("acme", "news.acme.com")))).toEqual([
			{
				property: "tenantName",
				reason: expect.stringMatching(
					/^"acme" is declared by mail .* mail\.acme\.com: a tenant has one domain/,
				),
			},
		]);
		expect(run.declares("::twin", declared(setup("other", "Mail.Acme.com.")))).toEqual([
			{
				property: "domainIdentity",
				reason: expect.stringMatching(/is declared by mail .* the tenant acme: a domain has one tenant/),
			},
		]);
	});

	it("is none with two resources of one setup, with the same resource again, or with what is not known yet", () => {
		const run = new Run();
		for (const [urn, inputs] of [
			["::mail", mail],
			["::heir", setup("acme", "MAIL.acme.com")],
			["::other", setup("other", "other.acme.com")],
			["::other", setup("other", "another.acme.com")],
			["::unknown", setup("acme", unknownValue)],
			["::late", setup("late", "late.acme.com")],
		] as const)
			expect(run.declares(urn, declared(inputs))).toEqual([]);
	});
});

describe("a delete of what is replaced", () => {
	it("waits until nothing more is declared or compared, so that an heir that comes late is known", async () => {
		const clock = new VirtualClock();
		const began = clock.now();
		const { signal: stop } = new AbortController();
		const run = new Run();
		let heir: string | undefined;
		const handler = noted({
			kind: "SesSetup",
			diff: async () => {
				await clock.sleep(2_000, stop);
				return { changes: true, replaces: ["tenantName"] };
			},
			delete: async () => {
				heir = run.heirOfSetup("id-1", mail);
			},
		} as unknown as Handler<SetupInputs, SetupOutputs>);
		const at = (urn: string) => ({ run, urn, clock, stop }) as unknown as World & Outset;
		const compare = (urn: string, id: string) => {
			run.declares(urn, { kind: "SesSetup", inputs: setup(id, `${id}.acme.com`) });
			return handler.diff(at(urn), id, mail, setup(id, `${id}.acme.com`));
		};
		await compare("::mail", "id-1");
		const gone = handler.delete(at("::mail"), "id-1", mail);
		await compare("::another", "id-2");
		run.declares("::heir", { kind: "SesSetup", inputs: mail });
		run.stays("::heir", { kind: "SesSetup", inputs: mail });
		await gone;
		expect(heir).toBe("::heir");
		expect(clock.now() - began).toBeLessThan(6_000);
	});

	it("takes nothing away where the program could never be had", async () => {
		const clock = new VirtualClock();
		const { signal: stop } = new AbortController();
		const run = new Run();
		let gone = false;
		const handler = noted({
			kind: "SesSetup",
			delete: async () => {
				gone = true;
			},
		} as unknown as Handler<SetupInputs, SetupOutputs>);
		run.declares("::mail", { kind: "SesSetup", inputs: setup("acme", "news.acme.com") });
		run.goes("::mail", "id-1");
		const deletion = handler.delete({ run, clock, stop } as unknown as World, "id-1", mail);
		run.declares("::heir", { kind: "SesSetup", inputs: mail });
		await expect(deletion).rejects.toThrow(
			/^nothing is replaced in this run, because tenantName "acme" is declared/,
		);
		expect(gone).toBe(false);
	});
});
