import type { XmlElements } from "../xml.js";
import type { ResourceRecordSet } from "./record-sets.js";
import type { ChangeInfo, HostedZone } from "./zones.js";

/* The shapes of the answers. Elements that are undefined are left out. */

export function zoneElements(zone: HostedZone): XmlElements {
	return {
		Id: `/hostedzone/${zone.id}`,
		Name: zone.name,
		CallerReference: zone.callerReference,
		Config: { Comment: zone.comment, PrivateZone: zone.isPrivate },
		ResourceRecordSetCount: zone.records.size,
	};
}

/** The name servers of a public zone, or the VPCs of a private one. */
export function zoneReach(zone: HostedZone): XmlElements {
	return zone.isPrivate
		? { VPCs: { VPC: zone.vpcs.map((vpc) => ({ ...vpc })) } }
		: { DelegationSet: { NameServers: { NameServer: zone.nameServers } } };
}

export function changeElements(change: ChangeInfo, now: number, comment?: string): XmlElements {
	return {
		Id: `/change/${change.id}`,
		Status: change.insyncAt <= now ? "INSYNC" : "PENDING",
		SubmittedAt: new Date(change.submittedAt).toISOString(),
		Comment: comment,
	};
}

export function recordSetElements(set: ResourceRecordSet): XmlElements {
	const {
		GeoLocation,
		ResourceRecords,
		AliasTarget,
		Name,
		Type,
		SetIdentifier,
		TTL,
		HealthCheckId,
		...routing
	} = set;
	return {
		Name,
		Type,
		SetIdentifier,
		...routing,
		GeoLocation: GeoLocation && { ...GeoLocation },
		TTL,
		ResourceRecords: ResourceRecords && { ResourceRecord: ResourceRecords.map(({ Value }) => ({ Value })) },
		AliasTarget: AliasTarget && { ...AliasTarget },
		HealthCheckId,
	};
}
