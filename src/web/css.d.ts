declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module '*.css';
declare module '*.graphql?raw' {
  const text: string;
  export default text;
}
declare module 'graphiql/setup-workers/vite';
