/**
 * The resources, and functions that read setups.
 *
 * @module pulumi-channels
 */
export type {
	OnConflictArgs,
	Route53Args,
	Route53RecordsArgs,
	SesSetupArgs,
	VerificationArgs,
	WaitArgs,
} from "./args.js";
export type { ConflictPolicy, DelegationCheck, Purpose, RecordKind } from "./arguments/inputs.js";
export {
	ChannelsProvider,
	type ChannelsProviderArgs,
	type EmbeddedProviderArgs,
	type RemoteProviderArgs,
} from "./channels-provider.js";
export {
	type Account,
	type AccountArgs,
	getSesSetup,
	getSesSetupOutput,
	getSesSetups,
	getSesSetupsOutput,
	type SesSetupDetails,
	type SesSetupQuery,
	type SesSetupQueryArgs,
	type SesSetupSummary,
} from "./functions.js";
export { Route53Records } from "./route53-records.js";
export { SesSetup } from "./ses-setup.js";
export type {
	CheckedDnsRecord,
	DnsRecord,
	KeptRecordSet,
	PublishedZone,
	RecordPlace,
	RecordSetState,
	WrittenRecordSet,
	ZoneSnapshot,
} from "./shapes.js";
export { Verification } from "./verification.js";
