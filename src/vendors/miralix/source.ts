import { observingInOurTime, type VendorContext } from '../kit/index.ts';
import { type AgentDirectory, createAgentDirectory } from './agent-directory.ts';
import { createMiralixClient, type MiralixClient } from './client.ts';
import { createReportedSegments, type ReportedSegments } from './reported-segments.ts';
import type { MiralixSettings } from './settings.ts';

/** The context that every function of the source takes first. */
export interface MiralixSource {
  settings: MiralixSettings;
  /** Observes in this server's time. */
  context: VendorContext;
  client: MiralixClient;
  directory: AgentDirectory;
  reported: ReportedSegments;
}

export const createMiralixSource = (settings: MiralixSettings, given: VendorContext): MiralixSource => {
  const client = createMiralixClient(settings, given);
  const context = observingInOurTime(given, client.clock);
  return { settings, context, client, directory: createAgentDirectory(client, settings, context), reported: createReportedSegments() };
};
