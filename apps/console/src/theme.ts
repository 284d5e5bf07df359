import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** The colours of the public pages (apps/api/src/http/pages/assets/palette.css), as scales. */
const plaza: MantineColorsTuple = [
  '#e9f6f0',
  '#d3ecdf',
  '#a9dcc4',
  '#84e3bd',
  '#62dcae',
  '#2fb286',
  '#12906a',
  '#0b7a57',
  '#0a6b4d',
  '#064a35',
];
const dark: MantineColorsTuple = [
  '#e8eeeb',
  '#c9d3ce',
  '#a2b0aa',
  '#84928c',
  '#3b4743',
  '#2a3330',
  '#202725',
  '#191f1d',
  '#101413',
  '#0b0e0d',
];

const SANS =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', 'Noto Color Emoji', sans-serif";
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

export const theme = createTheme({
  primaryColor: 'plaza',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  colors: { plaza, dark },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  headings: { fontFamily: SANS, fontWeight: '650' },
  defaultRadius: 'md',
  radius: { md: '10px', lg: '14px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { radius: 'lg', centered: true } },
    // Its placeholder for the first focus is nothing that a menu may hold.
    Menu: {
      defaultProps: {
        shadow: 'md',
        position: 'bottom-end',
        withinPortal: true,
        withInitialFocusPlaceholder: false,
      },
    },
    Badge: { defaultProps: { variant: 'light', radius: 'sm' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#17201c',
    '--mantine-color-dimmed': '#55625c',
    '--mantine-color-placeholder': '#66726c',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-default-border': '#c9d3ce',
    '--mantine-color-anchor': '#0a6b4d',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-red-filled': '#c3281f',
    '--mantine-color-red-filled-hover': '#a8221a',
    '--mantine-color-red-outline': '#b3261e',
    '--mantine-color-red-text': '#b3261e',
    '--mantine-color-red-light': '#fbe9e7',
    '--mantine-color-red-light-color': '#9c1f17',
    '--mantine-color-yellow-light': '#fbf1d9',
    '--mantine-color-yellow-light-color': '#6e4a00',
    '--mantine-color-gray-light': '#eef2f0',
    '--mantine-color-gray-light-color': '#46524c',
    '--mantine-color-blue-light-color': '#1f4f9e',
  },
  dark: {
    '--mantine-color-dimmed': '#a2b0aa',
    '--mantine-color-placeholder': '#93a19b',
    '--mantine-color-anchor': '#62dcae',
    '--mantine-color-error': '#ff9a8f',
    '--mantine-color-red-text': '#ff9a8f',
    '--mantine-color-yellow-light': '#3a2e12',
    '--mantine-color-yellow-light-color': '#ffd98a',
    '--mantine-primary-color-contrast': '#08281c',
  },
});
