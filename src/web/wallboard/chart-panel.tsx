import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './charts.module.css';

export const ChartPanel = ({ title, note, children }: { title: string; note: string; children: ReactNode }): ReactNode => (
  <section className={classes.panel} aria-label={title}>
    <h2 className={classes.title}>{title}</h2>
    <Text c="var(--muted)" mb="md">
      {note}
    </Text>
    {children}
  </section>
);
