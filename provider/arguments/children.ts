/**
 * What a `SesSetup` and its children are given, of the arguments that a program gives to the class. The values may be
 * any that a binding has for them: outputs that are not known yet, or plain ones.
 */
import type { PublishedZone, ZoneSnapshot } from "../shapes.js";
import { purposeOfWait } from "./record-kinds.js";

interface Wait<Purpose> {
	purpose?: Purpose;
	timeout?: unknown;
}

/** What of a setup its children follow: its id, and never an output of the same content, so that a replaced one replaces them. */
interface Of<Id, Records, Zone> {
	setupId: Id;
	dnsRecords: Records;
	zone: Zone;
}

export const setupInputs = <Given extends object, Route53 extends { records?: unknown }, Purpose>(
	given: Given,
	route53: Route53 | undefined,
	wait: Wait<Purpose> | undefined,
) => ({
	...given,
	route53,
	// The preflight refuses to keep a foreign record that the wait would need, and what is wrong with the wait is said
	// before anything is registered.
	waitPurpose: wait && purposeOfWait(wait.purpose, route53),
	waitTimeout: wait?.timeout,
});

export const recordsInputs = <Route53 extends object, Id, Records, Zone, Domain>(
	route53: Route53,
	wait: object | undefined,
	of: Of<Id, Records, Zone> & { domain: Domain },
) => ({
	...route53,
	...of,
	// Who waits holds a slot of the engine, which then are fewer for the other setups of the program.
	...(wait && { waitForSync: false }),
});

export const verificationInputs = <
	Wait extends object,
	Route53 extends { records?: unknown },
	Id,
	Records,
	Zone,
>(
	wait: Wait,
	route53: Route53 | undefined,
	{ setupId, dnsRecords, zone }: Of<Id, Records, Zone>,
) => ({
	...wait,
	setupId,
	dnsRecords,
	...(route53 && { zone, published: route53.records as Route53["records"] }),
});

/** What a publication needs of the zone. */
export const zoneBefore = (zone: ZoneSnapshot | undefined): ZoneSnapshot | undefined =>
	zone && { id: zone.id, name: zone.name, found: zone.found, ...(zone.places && { places: zone.places }) };

/** What a wait needs of the zone: not what stood in it. */
export const publishedZone = (zone: ZoneSnapshot | undefined): PublishedZone | undefined =>
	zone && { name: zone.name, ...(zone.nameServers && { nameServers: zone.nameServers }) };
