export {
	type Account,
	Accounts,
	type Caller,
	defaultAccount,
	type Role,
	sandboxAccount,
} from "./accounts.js";
export type { Dns, FurtherServer } from "./dns/index.js";
export { type FaultEffect, type FaultMoment, type FaultRule, Faults } from "./faults.js";
export { answer, dropped, type HttpRequest, type HttpResponse, type HttpService } from "./http.js";
export { channelsOperation, type ProxyOptions, startProxy } from "./proxy.js";
export { type LoggedRequest, type RequestFilter, RequestLog } from "./requests.js";
export type { Route53Control, SimpleRecordSet, ZoneOptions } from "./route53/control.js";
export type { ResourceRecordSet } from "./route53/record-sets.js";
export type { HostedZone } from "./route53/zones.js";
export { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.js";
export { type Clock, systemClock } from "./server-clock.js";
