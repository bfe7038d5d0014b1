import type { ReactNode } from 'react';
import classes from './agent-lamps.module.css';
import { alarmUrgency, blackoutEnd, blackoutFinding, overdueMs, willNotEnd } from './alarms.ts';
import { useBoard, useStore, useTicking } from './board.ts';
import { clockWords } from './duration-words.ts';
import { BlackoutIcon, ConfirmedIcon, RecordIcon, SentIcon, WarningIcon } from './icons.tsx';
import { confirmationLabels, reasonLabels, wordLabel } from './labels.ts';
import { type AgentView, isBlackedOut, type LiveBlackout, type LiveRecording } from './live-types.ts';
import { Until } from './times.tsx';

const runningLabel = ({ state, kind }: LiveRecording): string => {
  if (state !== 'RECORDING') return wordLabel(state);
  return kind === 'SCREEN' ? 'Recording screen' : 'Recording';
};

/** Labels a recording that runs during a blackout; no red lamp is shown, because nobody is recorded. */
const maskLabel = ({ blackout, warnings }: AgentView): 'Mask uncertain' | 'Masking' | 'Masked' => {
  if (warnings.some((warning) => warning === 'MASK_LOST' || warning === 'EXPOSED')) return 'Mask uncertain';
  return blackout?.confirmation === 'PENDING' ? 'Masking' : 'Masked';
};

const RecordingLamp = ({ view }: { view: AgentView }): ReactNode => {
  const running = view.recordings.filter(({ state }) => state === 'RECORDING');
  const lit = running.find(({ kind }) => kind === 'AUDIO') ?? running[0] ?? view.recordings[0];
  if (lit === undefined) return null;
  if (isBlackedOut(view)) {
    const label = maskLabel(view);
    return (
      <span className={classes.lamp} data-lamp="masked" data-long={label === 'Mask uncertain' || undefined}>
        {label}
      </span>
    );
  }
  return (
    <span className={classes.lamp} data-lamp="recording" data-state={lit.state}>
      <RecordIcon size="1em" />
      <span>{runningLabel(lit)}</span>
    </span>
  );
};

const confirmationIcons = { PENDING: SentIcon, ACCEPTED: SentIcon, CONFIRMED: ConfirmedIcon } as const;

/** The page's clock steps once a second: a start that is as near as that is due. */
const stepMs = 1_000;

const blackoutWords = ({ state }: LiveBlackout, isAhead: boolean, endsSoon: boolean): string => {
  if (state === 'SCHEDULED') return isAhead ? 'Blackout' : 'Blackout starting';
  if (state === 'STOPPING') return 'Ending blackout';
  return endsSoon ? 'Ends in' : 'Blackout';
};

const Countdown = ({ blackout, isAhead }: { blackout: LiveBlackout; isAhead: boolean }): ReactNode => {
  if (blackout.state === 'STOPPING') return null;
  if (blackout.state === 'SCHEDULED') {
    return isAhead ? (
      <>
        in <Until instant={blackout.startsAt} />
      </>
    ) : null;
  }
  return <Until instant={blackoutEnd(blackout)} from={blackout.startsAt} />;
};

/** Says what is wrong with a blackout, in few words and with how late its end is; empty where nothing is. */
const alarmText = (view: AgentView, nowMs: number): string => {
  const finding = blackoutFinding(view, nowMs);
  if (view.blackout === null || finding === null || finding.urgency < alarmUrgency) return '';
  const late = finding === willNotEnd ? overdueMs(view.blackout, nowMs) : 0;
  return late > 0 ? `Overdue ${clockWords(late)}` : finding.label;
};

/** The blackout with the time that is left and how far it is confirmed: yellow where it ends soon, with a red lamp where it needs somebody. */
const BlackoutLamp = ({ view, stale }: { view: AgentView; stale: boolean }): ReactNode => {
  const { blackout } = view;
  // The server's knowledge of a blackout does not get old with what the recorder reported last.
  const { stage } = useStore(useBoard().connection);
  const alarm = useTicking((nowMs) => (stage === 'live' ? alarmText(view, nowMs) : ''));
  const endsSoon = useTicking((nowMs) => !stale && blackoutFinding(view, nowMs)?.label === 'Ends soon');
  const isAhead = useTicking((nowMs) => blackout !== null && Date.parse(blackout.startsAt) > nowMs + stepMs);
  if (blackout === null) return null;
  const { confirmation, state } = blackout;
  const Icon = confirmationIcons[confirmation];
  // An alarm says all that is left to say of a blackout whose end is due.
  const alone = alarm !== '' && state === 'STOPPING';
  return (
    <>
      {alone ? null : (
        <span
          className={classes.lamp}
          data-lamp={endsSoon ? 'warning' : 'blackout'}
          title={`${reasonLabels[blackout.reason]}, requested by ${blackout.requestedBy}. ${confirmationLabels[confirmation]}.`}
        >
          {endsSoon ? <WarningIcon size="1em" /> : <BlackoutIcon size="1em" />}
          <span>
            <span className={classes.blackoutWords} data-short={(!stale && (state === 'ACTIVE' || isAhead)) || undefined}>
              {blackoutWords(blackout, isAhead, endsSoon)}{' '}
            </span>
            {stale ? null : <Countdown blackout={blackout} isAhead={isAhead} />}
          </span>
          {state === 'ACTIVE' ? (
            <span className={classes.confirmation}>
              <Icon size="1em" />
              <span>{confirmationLabels[confirmation]}</span>
            </span>
          ) : null}
        </span>
      )}
      {alarm === '' ? null : (
        <span className={classes.lamp} data-lamp="alarm">
          <WarningIcon size="1em" />
          {alarm}
        </span>
      )}
    </>
  );
};

/** Shows what is recorded and what is blacked out. */
export const Lamps = ({ view, stale = false }: { view: AgentView; stale?: boolean }): ReactNode => (
  <div className={classes.lamps}>
    <RecordingLamp view={view} />
    <BlackoutLamp view={view} stale={stale} />
  </div>
);
