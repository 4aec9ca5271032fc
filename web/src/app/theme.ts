import { createTheme, type MantineColorsTuple, rem } from '@mantine/core';

import { findChoices } from '../kit/choices';

// A pine green for what can be acted on; levels have colours of their own
// (app/style.css) so that a button never looks like an alarm.
const pine: MantineColorsTuple = [
  '#e6f6f3',
  '#cfeae5',
  '#a3d7ce',
  '#72c2b5',
  '#47af9f',
  '#1f9585',
  '#0f7f71',
  '#0a695e',
  '#08554c',
  '#06423b',
];

// A red deep enough for white words on it, in both themes.
const red: MantineColorsTuple = [
  '#fdecec',
  '#f9d5d5',
  '#f2adad',
  '#eb8686',
  '#e46363',
  '#d84545',
  '#c92a2a',
  '#b42323',
  '#991d1d',
  '#7d1717',
];

// Slate greys: dark[7] is the page, dark[6] a card, dark[4] a line.
const dark: MantineColorsTuple = [
  '#d7dee6',
  '#b9c3cf',
  '#9aa7b5',
  '#71808f',
  '#334050',
  '#263241',
  '#19222d',
  '#11181f',
  '#0c1218',
  '#070b0f',
];

const gray: MantineColorsTuple = [
  '#f6f8fa',
  '#eef2f5',
  '#e3e8ed',
  '#d5dce3',
  '#b8c2cc',
  '#8d99a6',
  '#5d6b79',
  '#44515e',
  '#2c3742',
  '#1a222b',
];

export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  colors: { pine, red, dark, gray },
  black: '#18212b',
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Mono', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(19) },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  headings: {
    fontWeight: '640',
    sizes: {
      h1: { fontSize: rem(20), lineHeight: '1.3' },
      h2: { fontSize: rem(16), lineHeight: '1.35' },
      h3: { fontSize: rem(14), lineHeight: '1.4' },
    },
  },
  spacing: { xs: rem(8), sm: rem(12), md: rem(16), lg: rem(22), xl: rem(32) },
  defaultRadius: 'sm',
  radius: { sm: rem(6) },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right', filter: findChoices } },
    MultiSelect: { defaultProps: { filter: findChoices } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, multiline: true, maw: 420 } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.5, blur: 1 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  },
});
