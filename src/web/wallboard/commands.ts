/** Something the page can do, offered in the menu and in the command palette. */
export interface Command {
  id: string;
  label: string;
  description?: string;
  /** Shown in the menu as well as in the palette. */
  menu: boolean;
  run(): void;
}
