import { ActionIcon, type ActionIconProps, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { Ref } from 'react';

type Anchor<P> = P & Omit<React.AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> };

/** Links to pages of the console that look like buttons, with typed addresses. */
export const LinkButton = createLink((props: Anchor<ButtonProps>) => <Button component="a" {...props} />);
export const LinkIcon = createLink((props: Anchor<ActionIconProps>) => <ActionIcon component="a" {...props} />);
