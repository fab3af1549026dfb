import { describe, expect, it } from "vitest";
import { IncompleteError } from "../../provider/core/errors.js";
import type { Difference, Handler } from "../../provider/core/handler.js";
import type { RecordsOutputs, SetupInputs, SetupOutputs } from "../../provider/core/inputs.js";
import { noted } from "../../provider/core/noted.js";
import { Run } from "../../provider/core/run.js";
import type { Outset, World } from "../../provider/core/world.js";

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
			run.declares(urn);
			return refresh(urn);
		},
		create(urn: string) {
			run.declares(urn);
			return handler.create(at(urn), mail);
		},
	};
}

describe("what another resource of the run has", () => {
	it("is known of what stays, and of what is made, whether or not that succeeds", async () => {
		const stays = stage();
		await stays.compare("::copy");
		expect(stays.run.heirOfSetup(mail)).toBe("::copy");
		expect(stays.run.keepsSetup("id-1")).toBe(true);

		const made = stage();
		await made.create("::email");
		expect(made.run.heirOfSetup(mail)).toBe("::email");
		expect(made.run.keepsSetup("id-1")).toBe(true);

		const failing = stage({ create: () => Promise.reject(new Error("no")) });
		await failing.create("::email").catch(() => {});
		expect(failing.run.heirOfSetup(mail)).toBe("::email");
		expect(failing.run.keepsSetup("id-1")).toBe(false);

		const unready = stage({ create: () => Promise.reject(new IncompleteError("id-1", mail, ["not yet"])) });
		await unready.create("::email").catch(() => {});
		expect(unready.run.keepsSetup("id-1")).toBe(true);
	});

	it("is none of what is replaced, or of other names", async () => {
		const { run, compare } = stage();
		await compare("::mail");
		expect(run.heirOfSetup(setup("acme", "other.acme.com"))).toBeUndefined();
		expect(run.heirOfSetup(setup("acme", "MAIL.acme.com."))).toBe("::mail");

		const replaced = stage({ difference: { changes: true, replaces: ["tenantName"] } });
		await replaced.compare("::copy");
		expect(replaced.run.heirOfSetup(mail)).toBeUndefined();
		expect(replaced.run.keepsSetup("id-1")).toBe(false);
		expect(replaced.run.isLeaving("id-1")).toBe(true);
	});

	it("is nothing where nothing is declared, as in a destroy, after a refresh or not", async () => {
		const { run, refresh } = stage();
		await refresh("::copy");
		expect(run.heirOfSetup(mail)).toBeUndefined();
		expect(run.keepsSetup("id-1")).toBe(false);
	});

	it("is, of records, also what a setup that stays is about to declare", () => {
		const run = new Run();
		run.declares("::twin");
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
		run.declares("::twin-records");
		const elsewhere = { setupId: "id-1", zone: { id: "Z2" } };
		run.stays("::twin-records", { kind: "Route53Records", inputs: elsewhere });
		expect(run.heirOfRecords(records)).toBeUndefined();
	});

	it("is, of records, those of the same setup in the same zone", () => {
		const run = new Run();
		run.declares("::email-records");
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
