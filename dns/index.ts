export type { Answer, QueryType } from "./answer.js";
export type { RecordCheck } from "./check.js";
export { type AuthoritativeServer, addressesOf, type Delegation, LookupError } from "./delegation.js";
export { causesOf, diagnose, type Finding, type PublishedZone } from "./diagnose.js";
export {
	type DmarcDemand,
	dmarcDemand,
	dmarcDemands,
	domainsAbove,
	type InheritedPolicy,
	inheritedPolicies,
} from "./dmarc-discovery.js";
export { areReserved, type Ground, groundOf } from "./ground.js";
export { likelyMistake, type Mistake, mistakeOf } from "./mistakes.js";
export {
	ancestors,
	besides,
	canonicalName,
	decodeOctal,
	domainProblem,
	encodeOctal,
	isWithin,
	prefixProblem,
	sameName,
} from "./names.js";
export { parseNetworks, refuseInside } from "./networks.js";
export type { OtherView } from "./other-view.js";
export { findOwnServers } from "./own-servers.js";
export { delegatedByParent } from "./parent.js";
export {
	addValues,
	diffValues,
	hasValue,
	recordSetKey,
	removeValues,
	sameRecordSet,
	type ValueDiff,
} from "./record-sets.js";
export {
	type DnsRecord,
	mailDomain,
	presentationValue,
	type RecordSet,
	toRecordSets,
} from "./records.js";
export {
	type Blockage,
	type CheckOptions,
	createLookups,
	type LookupOptions,
	type Lookups,
	type LookupsOptions,
	type Strangers,
} from "./resolver.js";
export { parseServers } from "./servers.js";
export { shown, type Words } from "./shown.js";
export {
	type Answers,
	isFound,
	isPublished,
	isUnknown,
	type Picture,
	type ServerCheck,
} from "./standing.js";
export { formatTxt, formatZoneFileTxt, joinTxt, parseTxt, sameTxt } from "./txt.js";
export {
	competing,
	contains,
	dmarcTags,
	isDmarc,
	isDmarcName,
	isNullMx,
	isSpf,
	parseMx,
	sameRecord,
	sameText,
	sameValue,
} from "./values.js";
export { reasonInWords, sayOnce } from "./words.js";
export { RecordError, toZoneFile } from "./zone-file.js";
