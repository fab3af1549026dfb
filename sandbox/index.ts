export { type Account, Accounts, type Caller, defaultAccount, type Role } from "./accounts.js";
export { type Clock, systemClock } from "./clock.js";
export { type FaultEffect, type FaultRule, Faults } from "./faults.js";
export { channelsOperation, type ProxyOptions, startProxy } from "./proxy.js";
export { type LoggedRequest, type RequestFilter, RequestLog } from "./requests.js";
