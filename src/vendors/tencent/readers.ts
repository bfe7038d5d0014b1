/** The pull API's lists, page by page. */
import { ExpectedError } from '../kit/index.ts';
import type { TencentApi } from './client.ts';
import type { Snapshot } from './live.ts';
import {
  type ActiveSession,
  activeSessionList,
  type CallDetail,
  callDetail,
  callDetailList,
  type Staff,
  staffList,
  staffStatusList,
} from './wire.ts';

const staffPageSize = 9999;
const sessionPageSize = 25;
const detailPageSize = 100;
const maxPages = 10_000;

/** The vendor lists nothing older than 180 days and no span of 90 days or more; both limits keep a distance from that. */
export const oldestMs = 179 * 86_400_000;
export const maxSpanMs = 89 * 86_400_000;

const readStaff = async (api: TencentApi, signal?: AbortSignal): Promise<Staff[]> => {
  const found: Staff[] = [];
  for (let page = 0; page < maxPages; page += 1) {
    const parameters = { PageSize: staffPageSize, PageNumber: page };
    const { TotalCount, StaffList } = await api.call(staffList, { action: 'DescribeStaffInfoList', parameters, signal });
    found.push(...StaffList);
    if (StaffList.length === 0 || (TotalCount === null ? StaffList.length < staffPageSize : found.length >= TotalCount)) break;
  }
  return found;
};

/** The list moves while it is read: a call may come twice, which mapping folds. */
const readSessions = async (api: TencentApi, signal?: AbortSignal): Promise<ActiveSession[] | null> => {
  const found: ActiveSession[] = [];
  try {
    for (let page = 0; page < maxPages; page += 1) {
      const parameters = { Offset: page * sessionPageSize, Limit: sessionPageSize };
      const { Total, Sessions } = await api.call(activeSessionList, { action: 'DescribePSTNActiveSessionList', parameters, signal });
      found.push(...Sessions);
      if (Sessions.length === 0 || (Total === null ? Sessions.length < sessionPageSize : found.length >= Total)) break;
    }
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'VENDOR_REJECTED' && !error.vendorCode?.startsWith('AuthFailure')) return null;
    throw error;
  }
  return found;
};

/** Three calls where up to 9999 agents and 25 live calls are concerned. */
export const readSnapshot = async (api: TencentApi, signal?: AbortSignal): Promise<Snapshot> => {
  const [staff, { Metrics }, sessions] = await Promise.all([
    readStaff(api, signal),
    api.call(staffStatusList, { action: 'DescribeStaffStatusMetrics', signal }),
    readSessions(api, signal),
  ]);
  return { staff, statuses: Metrics, sessions };
};

interface DetailQuery {
  /** By this server's clock, as `toMs`. */
  fromMs: number;
  toMs: number;
  sessions?: readonly string[];
}

interface DetailPage {
  details: readonly CallDetail[];
  /** Records that are not of the documented shape, as the vendor sent them. */
  unreadable: readonly unknown[];
}

/** Call records by start within a window that stays fixed while its pages are read; pages count from 0. */
export async function* readDetails(api: TencentApi, query: DetailQuery, signal?: AbortSignal): AsyncGenerator<DetailPage> {
  let read = 0;
  for (let page = 0; page < maxPages; page += 1) {
    const parameters = {
      StartTimeStamp: api.vendorSeconds(query.fromMs, Math.floor),
      EndTimeStamp: api.vendorSeconds(query.toMs, Math.ceil),
      PageSize: detailPageSize,
      PageNumber: page,
      SessionIds: query.sessions,
    };
    const answer = await api.call(callDetailList, { action: 'DescribeTelCdr', parameters, signal });
    read += answer.TelCdrList.length;
    const results = answer.TelCdrList.map((one) => ({ one, result: callDetail.safeParse(one) }));
    yield {
      details: results.flatMap(({ result }) => (result.success ? [result.data] : [])),
      unreadable: results.flatMap(({ one, result }) => (result.success ? [] : [one])),
    };
    if (answer.TelCdrList.length === 0) return;
    if (answer.TotalCount === null ? answer.TelCdrList.length < detailPageSize : read >= answer.TotalCount) return;
  }
}
