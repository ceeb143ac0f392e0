// Route tables: plans in, RouteConfiguration out.

export { emitHosts, emitTableShell } from "./discovered-hosts.ts";
export { emitRouteTable, routeConfiguration } from "./route-table.ts";
