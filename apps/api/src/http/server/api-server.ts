import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';

export type ApiServer = Server | HttpsServer;
