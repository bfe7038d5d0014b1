import { createTheme } from '@mantine/core';

/** System type only: nothing is fetched, and the wall looks like the machine it runs on. */
export const theme = createTheme({
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  // Dialogs lie above the drawer, which comes into the page after them.
  components: { Modal: { defaultProps: { zIndex: 300 } } },
});
