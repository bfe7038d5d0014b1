import type { ReactNode } from 'react';

const icon =
  (content: ReactNode) =>
  ({ size = 20 }: { size?: number | string }): ReactNode => (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {content}
    </svg>
  );

export const RecordIcon = icon(<circle cx="12" cy="12" r="7" fill="currentColor" />);
export const StopIcon = icon(<rect x="6" y="6" width="12" height="12" rx="1.5" fill="currentColor" />);
export const BlackoutIcon = icon(
  <path d="M3 3l18 18M10.6 10.7a2 2 0 0 0 2.7 2.7M9.9 5.1A9.8 9.8 0 0 1 12 5c5 0 8.5 4 10 7a16 16 0 0 1-2.7 3.7M6.2 6.3A15.5 15.5 0 0 0 2 12c1.5 3 5 7 10 7a9.5 9.5 0 0 0 5-1.4" />,
);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="7" />
    <path d="M20 20l-3.8-3.8" />
  </>,
);
export const KeyIcon = icon(
  <>
    <circle cx="8" cy="15" r="4" />
    <path d="M11 12l9-9M16 7l3 3" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5" />
  </>,
);
export const MoonIcon = icon(<path d="M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z" />);
export const SizeIcon = icon(<path d="M4 9V4h5M20 15v5h-5M4 4l6 6M20 20l-6-6" />);
export const PlayIcon = icon(<path d="M7 4.5v15l12-7.5z" fill="currentColor" />);
export const WarningIcon = icon(<path d="M12 4L2.5 20h19zM12 10v4M12 17v.01" />);
export const CodeIcon = icon(<path d="M8 7l-5 5 5 5M16 7l5 5-5 5" />);
export const SentIcon = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const ConfirmedIcon = icon(<path d="M2 12.5l4.5 4.5L16 7.5M11 16l1 1 9.5-9.5" />);
export const MoreIcon = icon(<path d="M5 12h.01M12 12h.01M19 12h.01" />);
export const SortIcon = icon(<path d="M4 6h16M7 12h10M10 18h4" />);
export const BellIcon = icon(<path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4" />);
export const BellOffIcon = icon(<path d="M6 16V11c0-1 .3-2 .7-2.8M9.5 5.6A6 6 0 0 1 18 11v5M3 3l18 18M10 21h4M4.5 18H17" />);
export const PauseIcon = icon(<path d="M8 5v14M16 5v14" />);
export const PreviousIcon = icon(<path d="M15 5l-7 7 7 7" />);
export const NextIcon = icon(<path d="M9 5l7 7-7 7" />);
