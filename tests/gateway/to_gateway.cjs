// Required before a program: what it sends to api.remove.bg goes to the gateway on port GATEWAY_PORT of this machine, as
// a line in /etc/hosts would have it; what it sends to any other host by TLS fails. Nothing else is changed.
"use strict";

const tls = require("node:tls");

const connect = tls.connect;
tls.connect = function (options, ...rest) {
  const host = options.host;
  if (host !== "api.remove.bg" || Number(options.port) !== 443) {
    throw new Error(`no test may reach ${host}:${options.port}`);
  }
  const here = { host: "127.0.0.1", port: Number(process.env.GATEWAY_PORT), servername: options.servername || host };
  return connect.call(this, { ...options, ...here }, ...rest);
};
