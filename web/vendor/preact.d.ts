export { Fragment, createContext, createRef, h, render } from "preact";
export { useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { batch, computed, effect, Signal, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
