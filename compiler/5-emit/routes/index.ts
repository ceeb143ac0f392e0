// Route tables: plans in, RouteConfiguration out.

export { emitRouteTable, routeConfiguration } from "./route-table.ts";
