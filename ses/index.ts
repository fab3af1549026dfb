export type { CallOptions } from "./calls/calls.js";
export { type SesClock, systemClock } from "./calls/clock.js";
export { Deadline, type DeadlineOptions, orAborted } from "./calls/deadline.js";
export {
	HeldUpstream,
	TakenUpstream,
	UpstreamError,
	type UpstreamErrorKind,
	waitedInVain,
} from "./calls/errors.js";
export { FairQueue } from "./calls/fair-queue.js";
export { type ErrorCode, errorCodes, SesError } from "./error-codes.js";
export type { SesLog } from "./log.js";
export type {
	AccountStatus,
	Dkim,
	DkimStatus,
	FoundIdentity,
	FoundTenant,
	MailFromBehavior,
	MailFromStatus,
	Marks,
	Owner,
	SetupNames,
	VerificationInfo,
} from "./objects/found.js";
export { Ses, type SesClient, type SesOptions } from "./objects/ses.js";
export { inboundRegions } from "./regions.js";
export { type Diagnosed, diagnosisOf } from "./setup/diagnosis.js";
export { type Judgement, type Judges, judge } from "./setup/judge.js";
export {
	isOfMailFrom,
	labelOf,
	mailFromDomain,
	mailFromOf,
	mailFromProblem,
	mailFromRecords,
} from "./setup/mail-from.js";
export { exchangersOfOthers } from "./setup/mail-from-name.js";
export { Obstacles, type ObstaclesOptions } from "./setup/obstacles.js";
export {
	type DmarcPolicy,
	dmarcPolicies,
	dnsRecords,
	hasKeysOfSes,
	type RecordOptions,
} from "./setup/records.js";
export type { Remedies } from "./setup/remedies.js";
export { Restarts } from "./setup/restarts.js";
export type { SetupInSes } from "./setup/setup.js";
export { type MadeInSes, makeInSes, type NewInSes } from "./setup/steps.js";
export { describeWord, type SesWord, type Standing, standingOf } from "./setup/word.js";
