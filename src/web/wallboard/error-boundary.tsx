import { Button, Code, Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';

/** Keeps a fault of one part from blanking the page. React offers this to classes only. */
export class ErrorBoundary extends Component<{ part: string; children: ReactNode }, { fault: Error | null }> {
  override state: { fault: Error | null } = { fault: null };

  static getDerivedStateFromError(fault: Error): { fault: Error } {
    return { fault };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    return (
      <div role="alert" style={{ padding: '2rem' }}>
        <Text fz="1.3rem" fw={650}>
          {this.props.part} cannot be shown
        </Text>
        <Code block my="md">
          {fault.message}
        </Code>
        <Button onClick={() => this.setState({ fault: null })}>Try again</Button>
      </div>
    );
  }
}
